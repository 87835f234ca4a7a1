import { expect } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { type Told, violationsOf, violationsOfBooks } from './invariants.ts';
import type { Ledger } from './ledger.ts';
import { CHILD, definitions, missed, type Plan } from './machines.ts';
import { untilClean } from './residue.ts';
import { allExecutions, arnOf, createActivity, createMachine, tellAll } from './run.ts';

/** Executions of all kinds: what they need, and how they are judged when they have ended. */

export interface MixedWork {
  /** Of the tasks that are done. */
  readonly activityArn: string;
  /** Of the tasks that no worker ever asks for. */
  readonly nobodyArn: string;
  /** ARNs by name. */
  readonly machines: ReadonlyMap<string, string>;
}

/** @param others more definitions by name, made with the activity whose tasks are done and the machine `child` */
export async function prepare(
  api: ApiClient,
  others: (activityArn: string, child: string) => Readonly<Record<string, object>> = () => ({}),
): Promise<MixedWork> {
  const activityArn = await createActivity(api, 'work');
  const nobodyArn = await createActivity(api, 'work-nobody');
  const child = await createMachine(api, 'child', CHILD);
  const machines = new Map([['child', child]]);
  const all = { ...definitions(activityArn, child), ...others(activityArn, child) };
  for (const [name, definition] of Object.entries(all)) {
    machines.set(name, await createMachine(api, name, definition));
  }
  return { activityArn, nobodyArn, machines };
}

/**
 * Every execution that there is: no invariant is broken, each ended as planned, none was started twice, and nothing else is left
 * in Redis.
 *
 * @param extra how many executions there are that no plan tells of
 * @param unlisted those that no machine lists: children of Map Runs
 * @param stale keys that may be left in Redis, too
 */
export async function expectSound(
  api: ApiClient,
  { machines, nobodyArn }: MixedWork,
  {
    plans,
    extra = 0,
    unlisted = [],
    stale,
    ledger,
    redisPath,
  }: {
    plans: readonly Plan[];
    extra?: number;
    unlisted?: readonly string[];
    stale?: RegExp;
    ledger: Ledger;
    redisPath: string;
  },
): Promise<Told[]> {
  const told = await tellAll(api, [...(await allExecutions(api, machines.values())), ...unlisted]);
  const children = plans.filter(({ stateMachineArn }) => stateMachineArn === machines.get('parent')).length;
  expect(told).toHaveLength(plans.length + children + unlisted.length + extra);
  expect(told.flatMap(violationsOf)).toEqual([]);
  const byArn = new Map(told.map((one) => [one.executionArn, one]));
  expect(plans.flatMap((plan) => missed(plan, byArn.get(arnOf(plan))))).toEqual([]);
  expect(violationsOfBooks(await ledger.read(), told)).toEqual([]);
  // The jobs of tasks that were stopped before a worker came go when one comes.
  const passerBy = new AbortController();
  api.call('GetActivityTask', { activityArn: nobodyArn }, passerBy.signal).catch(() => {});
  await untilClean(redisPath, told.length, stale);
  passerBy.abort();
  return told;
}
