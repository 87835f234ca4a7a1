import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dice } from '../simulation/dice.ts';
import { useRedis } from '../support/redis.ts';
import { type ApiClient, Refused } from './support/api-client.ts';
import { violationsOf } from './support/invariants.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import { createActivity, createMachine, inLanes, startByName, tellAll, untilClosed } from './support/run.ts';

/** An execution is stopped in the very moment in which it ends by itself: it ends once, and so does all that is inside. */

const EACH = 40;
const CHILDREN = 4;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const redis = useRedis();
let local: LocalSystem;
let api: ApiClient;
let activityArn: string;
let machines: ReadonlyMap<string, string>;

beforeAll(async () => {
  local = await startLocally(redis.url);
  api = local.api;
  activityArn = await createActivity(api, 'work');
  const work = (name: string) => ({
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource: activityArn, HeartbeatSeconds: 60, End: true } },
  });
  const branches = Array.from({ length: CHILDREN }, (_, index) => work(`Work ${index}`));
  const all = {
    one: work('Work'),
    branches: { StartAt: 'Fork', States: { Fork: { Type: 'Parallel', Branches: branches, End: true } } },
    items: {
      StartAt: 'Each',
      States: { Each: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: work('Work'), End: true } },
    },
  };
  const created = Object.entries(all).map(
    async ([name, definition]) => [name, await createMachine(api, name, definition)] as const,
  );
  machines = new Map(await Promise.all(created));
});
afterAll(() => local?.stop());

test.each(['one', 'branches', 'items'])('%s: StopExecution against the last result', async (name) => {
  const dice = new Dice(SEED);
  const stateMachineArn = machines.get(name) ?? '';
  const items = Array.from({ length: CHILDREN }, (_, index) => index);
  const arns = await inLanes([...Array(EACH).keys()], 8, (index) =>
    startByName(api, { stateMachineArn, name: `${name}-${index}`, input: { items } }),
  );
  const tokens = await takeTokens(name === 'one' ? EACH : EACH * CHILDREN);
  const settle = (taskToken: string) => api.call('SendTaskSuccess', { taskToken, output: '1' }).catch(codeOf);
  // All results and all stops at once, in an order that the dice make.
  const sent = [
    ...tokens.map((token) => ({ at: dice.next(), send: () => settle(token) })),
    ...arns.map((executionArn) => ({
      at: dice.next(),
      send: () => api.call('StopExecution', { executionArn, error: 'Stopped' }),
    })),
  ];
  await Promise.all(sent.toSorted((a, b) => a.at - b.at).map(({ send }) => send()));
  await untilClosed(api, [stateMachineArn]);

  const told = await tellAll(api, arns);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'ABORTED')).toEqual([]);
  expect(new Set(await Promise.all(tokens.map(settle)))).toEqual(new Set(['TaskTimedOut']));
  const stopped = told.filter(({ status }) => status === 'ABORTED').length;
  report(`seed ${SEED}: ${EACH} stops against the ends of ${name}: ${stopped} stopped, ${EACH - stopped} succeeded`);
});

test('nothing is left of them', () => untilClean(redis.url, machines.size * EACH));

async function takeTokens(count: number): Promise<string[]> {
  return inLanes([...Array(count).keys()], 16, async () => {
    const { taskToken } = await api.call('GetActivityTask', { activityArn });
    return String(taskToken);
  });
}

function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  throw error;
}
