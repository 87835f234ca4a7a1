import { hash } from 'node:crypto';
import type { ExecutionRecord, ExecutionStatus } from '../../../schemas/execution.ts';
import type { ExecutionId } from '../../../schemas/task.ts';
import type { FrameId } from '../../interpreter/execution.ts';
import type { TimerPurpose } from '../../interpreter/stimulus.ts';
import { shardOf } from '../execution-id.ts';

/**
 * Every Redis key, and what it holds. The tag in braces keeps all keys of a shard in one slot of a cluster, so
 * that one script may touch them all.
 */
export interface ShardKeys {
  readonly shard: number;
  /** Hash: owner, epoch, expires (ms), sequence of the last commit. */
  readonly lease: string;
  /** Stream of stimuli that the owner has not consumed. */
  readonly inbox: string;
  /** Sorted set of timers (`member.ts`) by the ms when due. */
  readonly timers: string;
  /** Sorted set of tasks (`member.ts`) by the ms of the next check: those that no worker has started. */
  readonly outbox: string;
  /** Sorted set of the ids of notices by the ms of their next turn; their texts by id (see `include/notices.lua`). */
  readonly notices: string;
  readonly noticeTexts: string;
  /** List of `<executionId>|<stopMs>` in order of closing: retention takes from its head. */
  readonly closed: string;
  /** Set of the ids of requests that took effect lately; `renew.lua` moves it to `oldClaims` now and then. */
  readonly claims: string;
  readonly oldClaims: string;
  /** Channel, not a key: what each commit changes (`changes.ts`). */
  readonly live: string;
  /** Hash: r record, i input; while closed also s state, o output; once redriven d count and time, k client tokens, n what is told of each; w who waits for its end. */
  execution(id: ExecutionId): string;
  /** Hash, until it succeeds: head, frames, and what may still come in. Its fields are {@link WORK}. */
  work(id: ExecutionId): string;
  /** List of history events (`history-codec.ts`): event id is index + 1. */
  history(id: ExecutionId): string;
  /** Sorted set of the executions of a list (`lists.ts`) in a status, by startMs. */
  index(list: string, status: ExecutionStatus): string;
  /** Sorted set of `<name>\0<executionId>` ({@link nameMember}), in the order of names. */
  readonly names: string;
  /** Sorted set of the states that a machine's open executions are in, by state and start: {@link stateMember}. */
  states(stateMachineArn: string): string;
  /** Sorted set of the ARNs of an execution's Map Runs, by startMs. */
  mapRuns(id: ExecutionId): string;
  /** Hash: s status, j the MapRunRecord. */
  mapRun(mapRunArn: string): string;
  /** Hash: what is kept of the ends of a Map Run's children, by index. */
  results(mapRunArn: string): string;
}

/** Fields of the work hash. Scripts know them too: see `include/task.lua`. */
export const WORK = {
  head: 'h',
  frame: (id: FrameId) => `f${id}`,
  /** A task's header. */
  task: (visit: number) => `t${visit}`,
  /** What a worker gets, until one has it. */
  body: (visit: number) => `b${visit}`,
  /** The ARN of the execution that was started for the task. */
  child: (visit: number) => `c${visit}`,
  /** The ARN of the activity under whose permit the task was handed out. */
  permit: (visit: number) => `p${visit}`,
  /** A mark for each timer in the shard's timers, so that the close finds them. */
  timer: (visit: number, purpose: TimerPurpose) => `z${visit}|${purpose}`,
};

/** A member of {@link ShardKeys.names}. Names have no control characters. */
export const nameMember = (record: Pick<ExecutionRecord, 'name' | 'executionId' | 'stateMachineArn'>): string =>
  `${record.name}\0${record.executionId}${machineTag(record.stateMachineArn)}`;

/** Tells most executions of another machine from one's own, by their names' members alone. */
export const machineTag = (stateMachineArn: string): string => hash('sha256', stateMachineArn, 'base64url').slice(0, 6);

/** What the members of {@link ShardKeys.states} for one state begin with. No such text begins another. */
export const statePrefix = (state: string): string => JSON.stringify(state);

/** `<state as JSON><startMs, 13 digits><executionId>`: of one state, in the order of starts. */
export const stateMember = (
  state: string,
  { startMs, executionId }: Pick<ExecutionRecord, 'startMs' | 'executionId'>,
): string => `${statePrefix(state)}${paddedMs(startMs)}${executionId}`;

export const paddedMs = (ms: number): string => String(ms).padStart(13, '0');

/** A row of {@link ShardKeys.closed}. */
export const closedRow = (id: ExecutionId, stopMs: number): string => `${id}|${stopMs}`;

export function splitClosedRow(row: string): { id: ExecutionId; stopMs: number } {
  const bar = row.indexOf('|');
  return { id: row.slice(0, bar) as ExecutionId, stopMs: Number(row.slice(bar + 1)) };
}

export function shardKeys(prefix: string, shard: number): ShardKeys {
  const base = `${prefix}:{s${String(shard).padStart(2, '0')}}:`;
  return {
    shard,
    lease: `${base}lease`,
    inbox: `${base}inbox`,
    timers: `${base}timers`,
    outbox: `${base}outbox`,
    notices: `${base}notices`,
    noticeTexts: `${base}notices:texts`,
    closed: `${base}closed`,
    claims: `${base}claims`,
    oldClaims: `${base}claims:old`,
    live: `${base}live`,
    execution: (id) => `${base}x:${id}`,
    work: (id) => `${base}w:${id}`,
    history: (id) => `${base}h:${id}`,
    index: (list, status) => `${base}i:${list}:${status}`,
    names: `${base}names`,
    states: (stateMachineArn) => `${base}q:${stateMachineArn}`,
    mapRuns: (id) => `${base}m:${id}`,
    mapRun: (mapRunArn) => `${base}m:${mapRunArn}`,
    results: (mapRunArn) => `${base}n:${mapRunArn}`,
  };
}

/** The keys of an execution's shard, among those of all shards in order. */
export function keysOf(shards: readonly ShardKeys[], id: ExecutionId): ShardKeys {
  const keys = shards[shardOf(id, shards.length)];
  if (!keys) throw new RangeError('There are no shards');
  return keys;
}

/** Keys that belong to no execution. */
export interface RegistryKeys {
  /** Hash of what is fixed for the deployment: the number of shards. */
  readonly deployment: string;
  /** Written by who wants to know whether Redis takes writes; goes by itself. */
  readonly probe: string;
  /** Sorted set of live engines by the ms when their announcement ends. */
  readonly engines: string;
  /** Sorted sets in the order of names: `<name>\0<arn>\0<creationMs>\0<type>`. */
  readonly machines: string;
  readonly activities: string;
  /** Hash of the webhooks by id, as JSON texts; `#` counts their changes. */
  readonly webhooks: string;
  machine(stateMachineArn: string): string;
  /** Hash of a machine's versions: `n` the last number, `v<number>` a version, `r<revision>` the number that a revision has. */
  versions(stateMachineArn: string): string;
  /** Hash of a machine's aliases by name; `#` counts them up. */
  aliases(stateMachineArn: string): string;
  /** The tags of a machine or an activity as a JSON text; nothing when it has none. */
  tags(resourceArn: string): string;
  /** The search attributes of a machine as a JSON text; nothing when it has none. */
  searchAttributes(stateMachineArn: string): string;
  revision(revisionId: string): string;
  /** What a request with an Idempotency-Key was answered, for a day. */
  answer(key: string): string;
  activity(activityArn: string): string;
  /** Hash of the settings of activities that have any, by ARN; `#` counts changes. */
  readonly activitySettings: string;
  /** What is known of permits to hand out tasks of the activity: see `exchange-permits.lua`. */
  permits(activityArn: string): string;
  bound(activityArn: string): string;
  holders(activityArn: string): string;
  /** Sorted set of the processes in which polls wait by the ms until which that holds; what each tells; last hand-outs by ARN. */
  readonly pollers: string;
  polls(process: string): string;
  readonly handOuts: string;
  /** Channel that tells the ARNs of activities whose permits were freed or whose settings changed. */
  readonly freed: string;
  /** Hash: m the machine's ARN, a what is asked, p how far it is, c createdMs, s status, e epoch, x set when it is to end. */
  bulkRedrive(id: string): string;
  /** Sorted set of the ids of those that have not ended, by the ms when the lease of who works on it ends. */
  readonly openBulkRedrives: string;
  /** Hash of the same ids by the machine's ARN. */
  readonly bulkRedrivesOf: string;
}

export function registryKeys(prefix: string): RegistryKeys {
  const base = `${prefix}:{registry}:`;
  return {
    deployment: `${base}deployment`,
    probe: `${base}probe`,
    engines: `${base}engines`,
    machines: `${base}machines`,
    activities: `${base}activities`,
    webhooks: `${base}webhooks`,
    machine: (stateMachineArn) => `${base}machine:${stateMachineArn}`,
    versions: (stateMachineArn) => `${base}versions:${stateMachineArn}`,
    aliases: (stateMachineArn) => `${base}aliases:${stateMachineArn}`,
    tags: (resourceArn) => `${base}tags:${resourceArn}`,
    searchAttributes: (stateMachineArn) => `${base}attributes:${stateMachineArn}`,
    answer: (key) => `${base}answer:${key}`,
    revision: (revisionId) => `${base}revision:${revisionId}`,
    activity: (activityArn) => `${base}activity:${activityArn}`,
    activitySettings: `${base}activity-settings`,
    permits: (activityArn) => `${base}permits:${activityArn}`,
    bound: (activityArn) => `${base}permits:bound:${activityArn}`,
    holders: (activityArn) => `${base}permits:holders:${activityArn}`,
    freed: `${base}freed`,
    pollers: `${base}pollers`,
    polls: (process) => `${base}polls:${process}`,
    handOuts: `${base}hand-outs`,
    bulkRedrive: (id) => `${base}redrives:${id}`,
    openBulkRedrives: `${base}redrives`,
    bulkRedrivesOf: `${base}redrives-of`,
  };
}

/** Keys of who may come in. */
export interface AccessKeyKeys {
  /** Hash of all access keys by id, as JSON texts; `#` counts their changes. */
  readonly all: string;
  /** How many requests a key has left, when it has a limit and is not rested: see `spend.lua`. */
  bucket(id: string): string;
  /** The request that used a signature first, while it could be used again: see `use-signature.lua`. */
  signature(signature: string): string;
  /** The access key that a session was opened with. */
  session(session: string): string;
}

/** What scripts touch together has one tag; signatures and sessions stand alone, and spread. */
export function accessKeyKeys(prefix: string): AccessKeyKeys {
  const base = `${prefix}:{access}:`;
  return {
    all: `${base}keys`,
    bucket: (id) => `${base}bucket:${id}`,
    signature: (signature) => `${prefix}:signature:${signature}`,
    session: (session) => `${prefix}:session:${session}`,
  };
}
