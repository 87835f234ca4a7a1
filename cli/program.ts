import { Command, Option } from 'commander';
import Type, { type TSchema } from 'typebox';
import { type Config, type Flags, readConfig, SETTINGS, type Setting } from '../schemas/config.ts';
import { type ExplainFlags, runExplain } from './explain.ts';

import { addExploreCommand } from './explore.ts';
import { runServer } from './server.ts';
import { StartError } from './start-error.ts';
import { textWidth } from './text-width.ts';
import { readVersion } from './version.ts';

/** The `stepyard` command. */

const SERVER_NOTES = `
Every option is also an environment variable, named in brackets; an option wins over its variable.

Examples:
  $ stepyard server
  $ stepyard server --port 9000 --data /var/lib/stepyard
  $ REDIS_URL=redis://redis:6379 stepyard server --role engine`;

/** Does what the command line asks for. What a person can put right is said in a sentence, with exit status 1. */
export async function runProgram(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

function createProgram(): Command {
  const program = new Command('stepyard')
    .description('Runs AWS Step Functions state machines on your own machines, durably on Redis.')
    .version(readVersion())
    .configureHelp({ helpWidth: textWidth(process.stdout, process.env['COLUMNS']), showGlobalOptions: true });

  const server = program
    .command('server')
    .description('Run the engine, the worker and the API: all in one process, or one role of them.')
    .addHelpText('after', SERVER_NOTES)
    .action((flags: Flags) => runServer(configFrom(flags)));
  for (const [name, setting] of Object.entries(SETTINGS)) server.addOption(optionOf(name, setting));

  program
    .command('explain')
    .description('Say why an execution failed, or what it waits for.')
    .argument('<executionArn>')
    .option(
      '--endpoint <url>',
      'Where the server is, or AWS: https://states.<region>.amazonaws.com [AWS_ENDPOINT_URL_SFN, AWS_ENDPOINT_URL, default http://127.0.0.1:8083]',
    )
    .option('--json', 'Print the explanation as JSON')
    .action((executionArn: string, flags: ExplainFlags) => runExplain(executionArn, flags));

  addExploreCommand(program);
  return program;
}

function optionOf(name: string, { flag, env, schema, default: fallback, about }: Setting): Option {
  const placeholder = placeholderOf(schema);
  const otherwise = fallback === undefined || !placeholder ? '' : `, default ${String(fallback)}`;
  const option = new Option(`--${flag}${placeholder}`, `${about} [${env}${otherwise}]`);
  // Commander would name it after the flag; settings are looked up by their own name.
  option.attributeName = () => name;
  return option;
}

function placeholderOf(schema: TSchema): string {
  if (Type.IsBoolean(schema)) return '';
  if (Type.IsEnum(schema)) return ` <${schema.enum.join('|')}>`;
  return Type.IsString(schema) ? ' <text>' : ' <number>';
}

function configFrom(flags: Flags): Config {
  const result = readConfig(process.env, flags);
  if (result.ok) return result.config;
  throw new StartError(`Stepyard cannot start:\n${result.problems.map((problem) => `  ${problem}.`).join('\n')}`);
}
