import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { StoreUnavailable } from '../store.ts';

/** What Redis answers, with texts as bytes: some of them are compressed. */
export type Reply = null | number | Buffer | Reply[];
export type Argument = string | Buffer | number;

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

const INCLUDE = /^-- include (\S+)$/gm;

const readLua = (path: string): string => readFileSync(new URL(`./scripts/${path}.lua`, import.meta.url), 'utf8');

/** Reads `scripts/<name>.lua`; a line `-- include <step>` becomes the text of `scripts/include/<step>.lua`. */
function script(name: string): Script {
  const lua = readLua(name).replace(INCLUDE, (_line, step: string) => readLua(`include/${step}`));
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

export const scripts = {
  absentTask: script('absent-task'),
  announce: script('announce'),
  changeWebhook: script('change-webhook'),
  cancelBulkRedrive: script('cancel-bulk-redrive'),
  claim: script('claim'),
  claimBulkRedrive: script('claim-bulk-redrive'),
  commit: script('commit'),
  changeTags: script('change-tags'),
  countStates: script('count-states'),
  createAccessKey: script('create-access-key'),
  createActivity: script('create-activity'),
  createAlias: script('create-alias'),
  createBulkRedrive: script('create-bulk-redrive'),
  createMachine: script('create-machine'),
  deleteActivity: script('delete-activity'),
  deleteVersion: script('delete-version'),
  due: script('due'),
  dueNotices: script('due-notices'),
  duePermits: script('due-permits'),
  exchangePermits: script('exchange-permits'),
  expire: script('expire'),
  fireTimers: script('fire-timers'),
  freePermits: script('free-permits'),
  heartbeat: script('heartbeat'),
  history: script('history'),
  publishVersion: script('publish-version'),
  recheckOutbox: script('recheck-outbox'),
  redrive: script('redrive'),
  reindex: script('reindex'),
  release: script('release'),
  remove: script('remove'),
  renew: script('renew'),
  reportPolls: script('report-polls'),
  reserveTask: script('reserve-task'),
  search: script('search'),
  searchNames: script('search-names'),
  setSearchAttributes: script('set-search-attributes'),
  revokeAccessKey: script('revoke-access-key'),
  saveBulkRedrive: script('save-bulk-redrive'),
  settle: script('settle'),
  shardStatistics: script('shard-statistics'),
  spend: script('spend'),
  start: script('start'),
  startTask: script('start-task'),
  stop: script('stop'),
  submit: script('submit'),
  updateActivity: script('update-activity'),
  updateAlias: script('update-alias'),
  updateMachine: script('update-machine'),
  updateMapRun: script('update-map-run'),
  useSignature: script('use-signature'),
  waitFor: script('wait-for'),
};

/** Sends one command. Many at once are pipelined by sending them in the same tick. */
export async function call(redis: Redis, command: string, args: Argument[]): Promise<Reply> {
  try {
    return (await redis.callBuffer(command, args)) as Reply;
  } catch (error) {
    throw isUnavailable(error) ? new StoreUnavailable(`Redis: ${error.message}`, { cause: error }) : error;
  }
}

/** Runs a script by its digest, and with its text when Redis does not know it (first use, restart, SCRIPT FLUSH). */
export async function run(
  redis: Redis,
  { sha, lua }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<Reply> {
  const tail = [keys.length, ...keys, ...args];
  try {
    return await call(redis, 'EVALSHA', [sha, ...tail]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return call(redis, 'EVAL', [lua, ...tail]);
  }
}

const REFUSALS = /^(LOADING|OOM|MISCONF|READONLY|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|Connection is closed|Socket)/;

const isUnavailable = (error: unknown): error is Error =>
  error instanceof Error && (error.name === 'MaxRetriesPerRequestError' || REFUSALS.test(error.message));

// Narrowing of replies: a reply of another shape is a bug here or in a script.

export function asNumber(reply: Reply | undefined): number {
  if (typeof reply !== 'number') throw new TypeError('Redis answered no number');
  return reply;
}

export function asList(reply: Reply | undefined): Reply[] {
  if (!Array.isArray(reply)) throw new TypeError('Redis answered no list');
  return reply;
}

export function asBuffer(reply: Reply | undefined): Buffer {
  if (!Buffer.isBuffer(reply)) throw new TypeError('Redis answered no text');
  return reply;
}

export const asText = (reply: Reply | undefined): string => asBuffer(reply).toString();
