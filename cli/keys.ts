import { type Command, InvalidArgumentError, Option } from 'commander';
import { newAccessKey } from '../api/auth/new-key.ts';
import { createSeal } from '../api/auth/seal.ts';
import { type AccessKey, formatBearer, type RateLimit, ROLES, type Role } from '../schemas/access-key.ts';
import type { Flags } from '../schemas/config.ts';
import { type KeyStore, withKeyStore } from './key-store.ts';
import { configFrom, settingOption } from './setting-options.ts';
import { StartError } from './start-error.ts';
import { textTable } from './text-table.ts';

/** `stepyard keys`: who may use a deployment. It works on Redis itself, so whoever may do that needs no key. */

interface CreateFlags {
  readonly role: Role;
  readonly name?: string;
  readonly activity?: readonly string[];
  readonly rate?: number;
  readonly burst?: number;
  readonly expires?: number;
  readonly bearerOnly?: true;
  readonly json?: true;
}

const NOTES = `
The keys are in the deployment's Redis: that of REDIS_URL, or the private one in the data folder, whether its server runs or not.
From the first key on, everybody needs one.

Roles:
  admin     everything
  operator  look, start, stop, redrive, deploy
  worker    take tasks of its activities and answer for them
  reader    look

Examples:
  $ stepyard keys create --role admin --name ana
  $ stepyard keys create --role worker --activity 'arn:aws:states:*:*:activity:email-*' --rate 50 --burst 100
  $ stepyard keys revoke SYAKQ2M5W8E1R7T4Y9U3`;

/** Settings that say where the keys are. */
const PLACE = ['redisUrl', 'dataDir', 'secretKey'] as const;

/** The role of a key is not that of a process, although both are called `--role`. */
const placeFrom = (flags: Flags) => configFrom(Object.fromEntries(PLACE.map((name) => [name, flags[name]])));

/** Adds the commands to the program. */
export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('Create, list and revoke access keys.').addHelpText('after', NOTES);
  const commands = [
    addCreate(keys).action((flags: CreateFlags & Omit<Flags, 'role'>) => withKeyStore(placeFrom(flags), create(flags))),
    keys
      .command('list')
      .description('List all access keys.')
      .option('--json', 'print JSON')
      .action((flags: Flags & { json?: true }) => withKeyStore(placeFrom(flags), list(flags.json === true))),
    keys
      .command('revoke')
      .description('Revoke an access key: within 5 seconds nobody can use it any more.')
      .argument('<accessKeyId>')
      .action((id: string, flags: Flags) => withKeyStore(placeFrom(flags), revoke(id))),
  ];
  for (const command of commands) {
    for (const name of PLACE) command.addOption(settingOption(name));
  }
}

const addCreate = (keys: Command): Command =>
  keys
    .command('create')
    .description('Create an access key. Its secret is printed now and never again.')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--name <text>', 'what people call it', nameFrom)
    .option('--activity <ARN...>', 'of a worker: activities whose tasks it may take; * stands for any text')
    .option('--rate <number>', 'requests a second that it may send, on average', amountFrom)
    .option(
      '--burst <number>',
      'requests that it may send at once after a pause; without it, twice the rate',
      amountFrom,
    )
    .option('--expires <time>', 'how long it is good: 12h, 30d, 4w; without it, until it is revoked', timeFrom)
    .option('--bearer-only', 'for bearer tokens alone: AWS SDKs and the AWS CLI cannot use it')
    .option('--json', 'print JSON');

function nameFrom(text: string): string {
  if (/^[\w .@+=,-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('It must have 1 to 64 letters, digits, spaces or any of _.@+=,-');
}

function amountFrom(text: string): number {
  const amount = Number(text);
  if (amount >= 0.001 && amount <= 1_000_000) return amount;
  throw new InvalidArgumentError('It must be a number from 0.001 to 1000000.');
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

function timeFrom(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhdw])$/.exec(text) ?? [];
  if (unit) return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  throw new InvalidArgumentError('It must be a whole number of minutes, hours, days or weeks, such as 30d.');
}

const create = (flags: CreateFlags) => {
  const { role, name, expires, bearerOnly, json } = flags;
  const activities = activitiesFrom(flags);
  const rate = rateFrom(flags);
  return async ({ keys, secretKey }: KeyStore): Promise<void> => {
    const seal = bearerOnly || secretKey === undefined ? undefined : createSeal(secretKey);
    if (!seal && !bearerOnly) {
      throw new StartError(
        'AWS SDKs sign with the secret of the key, which has to be kept encrypted: set STEPYARD_SECRET_KEY (or --secret-key), to what ' +
          'the servers have. A key for bearer tokens alone, with --bearer-only, needs none.',
      );
    }
    const creationMs = Date.now();
    const optional = {
      ...(name !== undefined && { name }),
      ...(expires !== undefined && { expiryMs: creationMs + expires }),
      ...(rate && { rate }),
    };
    const { key, secret } = newAccessKey({ role, activities, creationMs, ...optional }, seal);
    await keys.create(key);
    const shown = { ...told(key), secretAccessKey: secret, bearerToken: formatBearer(key.id, secret) };
    console.log(json ? JSON.stringify(shown, null, 2) : newKeyPage(key, secret));
  };
};

function activitiesFrom({ role, activity = [] }: CreateFlags): readonly string[] {
  if (role !== 'worker') {
    if (activity.length > 0)
      throw new StartError('--activity is for keys of the role worker: others are not bound to any.');
    return [];
  }
  if (activity.length === 0) {
    throw new StartError(
      "A worker's key needs --activity: the ARN of an activity, a pattern with *, or '*' for all of them.",
    );
  }
  const odd = activity.find((pattern) => !/^(\*|arn:\S+)$/.test(pattern));
  if (odd !== undefined) throw new StartError(`--activity must be an ARN, in which * stands for any text, not ${odd}.`);
  return activity;
}

function rateFrom({ rate, burst }: CreateFlags): RateLimit | undefined {
  if (rate === undefined) {
    if (burst !== undefined) throw new StartError('--burst needs --rate: how fast requests are granted again.');
    return undefined;
  }
  return { perSecond: rate, burst: Math.max(1, burst ?? 2 * rate) };
}

function newKeyPage(key: AccessKey, secret: string): string {
  const bearer = `  Authorization: Bearer ${formatBearer(key.id, secret)}`;
  const signing = `  AWS_ACCESS_KEY_ID=${key.id}\n  AWS_SECRET_ACCESS_KEY=${secret}`;
  const forSdks = key.sealedSecret === undefined ? [] : ['For AWS SDKs and the AWS CLI:', '', signing, ''];
  return [
    `Created the access key ${key.id} (${key.role}). The secret cannot be shown again.`,
    '',
    ...forSdks,
    'For the REST API and /metrics:',
    '',
    bearer,
  ].join('\n');
}

/** What may be known of a key. */
const told = ({ id, secretHash: _hash, sealedSecret, creationMs, expiryMs, ...rest }: AccessKey) => ({
  accessKeyId: id,
  ...rest,
  bearerOnly: sealedSecret === undefined,
  createdAt: new Date(creationMs).toISOString(),
  ...(expiryMs !== undefined && { expiresAt: new Date(expiryMs).toISOString() }),
});

const list =
  (json: boolean) =>
  async ({ keys }: KeyStore): Promise<void> => {
    const found = [...((await keys.list())?.keys ?? [])].sort((a, b) => a.creationMs - b.creationMs);
    if (json) console.log(JSON.stringify(found.map(told), null, 2));
    else
      console.log(found.length === 0 ? 'There are no access keys: nobody on this machine needs one.' : tableOf(found));
  };

function tableOf(keys: readonly AccessKey[]): string {
  const rows = keys.map((key) => [key.id, key.role, key.name ?? '', ...datesOf(key), detailsOf(key)]);
  return textTable([['ID', 'ROLE', 'NAME', 'CREATED', 'EXPIRES', ''], ...rows]);
}

function datesOf({ creationMs, expiryMs }: AccessKey): string[] {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  if (expiryMs === undefined) return [day(creationMs), 'never'];
  return [day(creationMs), `${day(expiryMs)}${expiryMs <= Date.now() ? ' (expired)' : ''}`];
}

function detailsOf({ activities, rate, sealedSecret }: AccessKey): string {
  const parts = [...activities];
  if (rate) parts.push(`${rate.perSecond}/s, at once ${rate.burst}`);
  if (sealedSecret === undefined) parts.push('bearer only');
  return parts.join('; ');
}

const revoke =
  (id: string) =>
  async ({ keys }: KeyStore): Promise<void> => {
    if (!(await keys.revoke(id))) throw new StartError(`There is no access key ${id}: see \`stepyard keys list\`.`);
    const left = (await keys.list())?.keys.length ?? 0;
    const open = left === 0 ? ' It was the last one: servers that listen on loopback are open to everybody there.' : '';
    console.log(`Revoked the access key ${id}: within 5 seconds nobody can use it any more.${open}`);
  };
