import { afterAll, beforeAll, expect, test } from 'vitest';
import { useRedis } from '../support/redis.ts';
import { ApiClient, Refused } from './support/api-client.ts';
import { type Told, violationsOf } from './support/invariants.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import { createActivity, createMachine, startByName, tell, untilClosed } from './support/run.ts';

/** However many answers come for a task, from whomever: one is taken. */

const ROUNDS = 10;
const ANSWERS = 100;

const redis = useRedis();
let servers: LocalSystem[] = [];
let api: ApiClient;
let activityArn: string;
let machine: string;
let executions = 0;

beforeAll(async () => {
  servers = await Promise.all([startLocally(redis.url), startLocally(redis.url)]);
  api = new ApiClient(servers.map(({ url }) => url));
  activityArn = await createActivity(api, 'work');
  const task = { Type: 'Task', Resource: activityArn, TimeoutSeconds: 300, HeartbeatSeconds: 60, End: true };
  machine = await createMachine(api, 'task', { StartAt: 'Work', States: { Work: task } });
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** The token of a new task. */
async function takeTask(): Promise<{ arn: string; taskToken: string }> {
  executions += 1;
  const arn = await startByName(api, { stateMachineArn: machine, name: `e-${executions}`, input: {} });
  const { taskToken } = await api.call('GetActivityTask', { activityArn });
  return { arn, taskToken: String(taskToken) };
}

/** An answer of a worker of its own, through one server or the other: what came of it. */
async function answer(taskToken: string, index: number): Promise<string> {
  const worker = new ApiClient(
    servers.map(({ url }) => url),
    index,
  );
  const sent =
    index % 3 === 0
      ? worker.call('SendTaskFailure', { taskToken, error: `error-${index}` })
      : worker.call('SendTaskSuccess', { taskToken, output: `"${index}"` });
  return sent.then(() => 'accepted', codeOf);
}

function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  throw error;
}

/** The number of the answer that the execution ended with. */
const winner = ({ output, error }: Told): string | undefined => output?.slice(1, -1) ?? error?.slice('error-'.length);

test(`of ${ANSWERS} answers at once one is accepted, and the rest hear that the task is over`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { arn, taskToken } = await takeTask();
    const outcomes = await Promise.all(Array.from({ length: ANSWERS }, (_, index) => answer(taskToken, index)));
    const accepted = outcomes.flatMap((outcome, index) => (outcome === 'accepted' ? [String(index)] : []));
    expect(accepted).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'TaskTimedOut')).toHaveLength(ANSWERS - 1);
    await untilClosed(api, [machine]);
    const told = await tell(api, arn);
    expect(violationsOf(told)).toEqual([]);
    expect([winner(told)]).toEqual(accepted);
    expect(await answer(taskToken, 1)).toBe('TaskTimedOut');
    expect(await api.call('SendTaskHeartbeat', { taskToken }).catch(codeOf)).toBe('TaskTimedOut');
  }
  report(`tokens: ${ROUNDS} times ${ANSWERS} answers at once, one accepted each time`);
});

test('an answer that is forged changes nothing', async () => {
  const { arn, taskToken } = await takeTask();
  const forged = taskToken.replace(/.{12}$/, '000000000000');
  expect(await answer(forged, 1)).toBe('TaskDoesNotExist');
  expect(await answer(forged, 3)).toBe('TaskDoesNotExist');
  expect(await answer('not a token', 1)).toBe('InvalidToken');
  expect((await tell(api, arn)).status).toBe('RUNNING');
  expect(await answer(taskToken, 7)).toBe('accepted');
  await untilClosed(api, [machine]);
  const told = await tell(api, arn);
  expect([...violationsOf(told), winner(told)]).toEqual(['7']);
});

test('nothing is left of the tasks', () => untilClean(redis.url, executions));
