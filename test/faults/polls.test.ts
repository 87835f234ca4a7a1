import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dice } from '../simulation/dice.ts';
import { useRedis } from '../support/redis.ts';
import type { ApiClient } from './support/api-client.ts';
import { violationsOf } from './support/invariants.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import { createActivity, createMachine, inLanes, startByName, tellAll, untilClosed } from './support/run.ts';
import { until } from './support/until.ts';

/** Workers hang up while they wait for a task, most of them, at any moment: the tasks go to those who stay. */

const EXECUTIONS = 400;
const POLLERS = 100;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const redis = useRedis();
let local: LocalSystem;
let api: ApiClient;

beforeAll(async () => {
  local = await startLocally(redis.url);
  api = local.api;
});
afterAll(() => local?.stop());

test('clients that hang up during a poll take no task with them', async () => {
  const dice = new Dice(SEED);
  const activityArn = await createActivity(api, 'work');
  const retry = [{ ErrorEquals: ['States.Timeout', 'States.HeartbeatTimeout'], IntervalSeconds: 1, MaxAttempts: 100 }];
  const task = { Type: 'Task', Resource: activityArn, HeartbeatSeconds: 2, Retry: retry, End: true };
  const machine = await createMachine(api, 'task', { StartAt: 'Work', States: { Work: task } });
  const done = new AbortController();
  let hungUp = 0;

  const poller = async (): Promise<void> => {
    while (!done.signal.aborted) {
      const stays = dice.chance(0.2);
      const patience = stays ? done.signal : AbortSignal.any([done.signal, AbortSignal.timeout(dice.below(40))]);
      const taken = await api.call('GetActivityTask', { activityArn }, patience).catch(() => undefined);
      if (!taken && !stays) hungUp += 1;
      if (taken?.['taskToken'])
        await api.call('SendTaskSuccess', { taskToken: taken['taskToken'], output: '1' }).catch(() => {});
    }
  };
  const polling = Array.from({ length: POLLERS }, poller);
  const arns = await inLanes([...Array(EXECUTIONS).keys()], 4, async (index) => {
    await sleep(dice.below(20));
    return startByName(api, { stateMachineArn: machine, name: `e-${index}`, input: {} });
  });
  await untilClosed(api, [machine]);
  await until('many have hung up', () => hungUp >= 1000);
  done.abort();
  await Promise.all(polling);

  const told = await tellAll(api, arns);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  await untilClean(redis.url, EXECUTIONS);
  const lost = told.flatMap(({ events }) => events.filter(({ type }) => type === 'ActivityTimedOut')).length;
  report(`seed ${SEED}: ${hungUp} polls hung up on ${EXECUTIONS} tasks: ${lost} tasks came again after their time-out`);
});

test('nobody is left waiting for those who have gone', async () => {
  const admin = new Redis(redis.url);
  const list = String(await admin.client('LIST'));
  expect(list.split('\n').filter((line) => line.includes('cmd=bzpopmin')).length).toBeLessThanOrEqual(2);
  admin.disconnect();
  // A task that comes now is there for who asks now.
  const activityArn = await createActivity(api, 'late');
  const task = { Type: 'Task', Resource: activityArn, End: true };
  const machine = await createMachine(api, 'late', { StartAt: 'Work', States: { Work: task } });
  const gone = Array.from({ length: 1000 }, () => {
    const client = new AbortController();
    const poll = api.call('GetActivityTask', { activityArn }, client.signal).catch(() => {});
    return { client, poll };
  });
  await sleep(0);
  for (const { client } of gone) client.abort();
  await Promise.all(gone.map(({ poll }) => poll));
  await startByName(api, { stateMachineArn: machine, name: 'late', input: {} });
  const { taskToken } = await api.call('GetActivityTask', { activityArn });
  await api.call('SendTaskSuccess', { taskToken, output: '1' });
  await untilClosed(api, [machine]);
  await untilClean(redis.url, EXECUTIONS + 1);
});
