import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { type Json, JsonError, parseJson } from '../schemas/json.ts';
import { callRest } from './rest-call.ts';
import { StartError } from './start-error.ts';

/** `stepyard redrive`: goes on with an execution that ended without success, with edits. */

interface RedriveFlags {
  readonly endpoint?: string;
  readonly input?: string;
  readonly patch?: Json;
  readonly at?: string;
  readonly state?: string;
  readonly version?: number;
  readonly revision?: string;
}

const NOTES = `
Without options everything is as it was. Exit status: 0 when the execution goes on, 1 when it does not.

Examples:
  $ stepyard redrive "$ARN"
  $ stepyard redrive "$ARN" --patch '{ "amount": 12, "draft": null }'
  $ stepyard redrive "$ARN" --state Charge --input input.json
  $ stepyard redrive "$ARN" --revision current`;

/** Adds the command to the program. */
export function addRedriveCommand(program: Command): void {
  program
    .command('redrive')
    .description('Go on with an execution that has failed, timed out or was stopped.')
    .argument('<executionArn>')
    .option('--input <file>', 'the input to go on with: a file with JSON, - for standard input')
    .option('--patch <json>', 'change that input: a JSON merge patch, in which null removes a member', patchOf)
    .option('--at <path>', 'which of several halted states gets the input, e.g. Each[3]/Charge')
    .option('--state <name>', 'go on in this top-level state instead')
    .option('--version <number>', 'go on with this version of the state machine', versionOf)
    .option('--revision <id>', 'go on with this revision; current: the one that new executions get')
    .option(
      '--endpoint <url>',
      'where the server is [AWS_ENDPOINT_URL_SFN, AWS_ENDPOINT_URL, default http://127.0.0.1:8083]',
    )
    .addHelpText('after', NOTES)
    .action(runRedrive);
}

function patchOf(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof JsonError ? new InvalidArgumentError(`It is no JSON: ${error.message}`) : error;
  }
}

function versionOf(text: string): number {
  const version = Number(text);
  if (Number.isInteger(version) && version > 0) return version;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

async function runRedrive(executionArn: string, flags: RedriveFlags): Promise<void> {
  const { endpoint, input, revision, ...edits } = flags;
  const body = {
    ...edits,
    ...(revision !== undefined && { revisionId: revision }),
    ...(input !== undefined && { input: textOf(input) }),
  };
  const path = `/executions/${encodeURIComponent(executionArn)}/redrive`;
  const { redriveDate } = await callRest<{ redriveDate: string }>(endpoint, 'POST', path, body);
  console.log(`${executionArn}\ngoes on${editsInWords(flags)}, redriven at ${redriveDate}.`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new StartError(`The input cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function editsInWords({ input, patch, at, state, version, revision }: RedriveFlags): string {
  const words = [
    state === undefined ? '' : ` in state '${state}'`,
    input === undefined ? '' : ' with another input',
    patch === undefined ? '' : ' with a patched input',
    at === undefined ? '' : ` at ${at}`,
    version === undefined ? '' : ` with version ${version}`,
    revision === undefined ? '' : ` with revision ${revision}`,
  ];
  return words.join('');
}
