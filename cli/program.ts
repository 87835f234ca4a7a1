import { Command } from 'commander';
import { type Flags, SETTINGS, type SettingName } from '../schemas/config.ts';
import { addDoctorCommand } from './doctor/doctor.ts';
import { type ExplainFlags, runExplain } from './explain.ts';

import { addExploreCommand } from './explore.ts';
import { addKeysCommand } from './keys.ts';
import { addRedriveCommand } from './redrive.ts';
import { runServer } from './server.ts';
import { configFrom, settingOption } from './setting-options.ts';
import { StartError } from './start-error.ts';
import { textWidth } from './text-width.ts';
import { readVersion } from './version.ts';
import { addWebhooksCommand } from './webhooks.ts';

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
    // What follows a command is the command's: `redrive --version` is another version.
    .enablePositionalOptions()
    .configureHelp({ helpWidth: textWidth(process.stdout, process.env['COLUMNS']), showGlobalOptions: true });

  const server = program
    .command('server')
    .description('Run the engine, the worker and the API: all in one process, or one role of them.')
    .addHelpText('after', SERVER_NOTES)
    .action((flags: Flags) => runServer(configFrom(flags)));
  for (const name of Object.keys(SETTINGS) as SettingName[]) server.addOption(settingOption(name));

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
  addDoctorCommand(program);
  addKeysCommand(program);
  addWebhooksCommand(program);
  addRedriveCommand(program);
  return program;
}
