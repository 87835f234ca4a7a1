import { styleText } from 'node:util';
import type { Command } from 'commander';
import { type Check, failed, ok } from '../../engine/observability/health/check.ts';
import {
  type Config,
  type Environment,
  type Flags,
  readConfig,
  SETTINGS,
  type SettingName,
} from '../../schemas/config.ts';
import { settingOption } from '../setting-options.ts';
import { checkMachine } from './machine-checks.ts';
import { checkStore } from './redis-checks.ts';
import { checkEndpoint } from './server-checks.ts';

export interface Diagnosis {
  readonly status: Check['status'];
  readonly checks: readonly Check[];
}

const ABOUT = 'Look at the settings, this machine, Redis and the server, and say what to do. Nothing is changed.';

export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(ABOUT)
    .option('--json', 'Print what was found as JSON')
    .addHelpText('after', '\nExit status: 0 when all is well, 1 with warnings, 2 when something cannot work.')
    .action(async ({ json, ...flags }: Flags & { readonly json?: boolean }) => {
      const diagnosis = await diagnose(process.env, flags);
      process.stdout.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : printed(diagnosis));
      process.exitCode = EXIT[diagnosis.status];
    });
  for (const name of Object.keys(SETTINGS) as SettingName[]) command.addOption(settingOption(name));
}

const EXIT = { ok: 0, warning: 1, failed: 2 } as const;
const SIGN = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const;

/** Looks at everything that a server with these settings would need. */
export async function diagnose(env: Environment, flags: Flags = {}): Promise<Diagnosis> {
  const result = readConfig(env, flags);
  const checks = result.ok
    ? [ok('settings', `All ${Object.keys(SETTINGS).length} settings can be used.`), ...(await checkAll(result.config))]
    : result.problems.map((problem) => failed('settings', `${problem}.`));
  return { status: worstOf(checks), checks };
}

async function checkAll(config: Config): Promise<readonly Check[]> {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  // Who listens everywhere also listens here.
  const reached = /^(0\.0\.0\.0|\[::\])$/.test(host) ? '127.0.0.1' : host;
  const endpoint = new URL(`http://${reached}:${config.port}`);
  const [store, server] = await Promise.all([checkStore(config), checkEndpoint(endpoint)]);
  return [...checkMachine(config), ...store, ...server];
}

function worstOf(checks: readonly Check[]): Check['status'] {
  const found = new Set(checks.map(({ status }) => status));
  if (found.has('failed')) return 'failed';
  return found.has('warning') ? 'warning' : 'ok';
}

function printed({ checks }: Diagnosis): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, status, message }) => {
    const [sign, colour] = SIGN[status];
    return `${styleText(colour, sign, { stream: process.stdout })} ${name.padEnd(width)}  ${message}\n`;
  });
  return lines.join('');
}
