import { afterEach, expect, test } from 'vitest';
import { rest } from '../api/support/rest.ts';
import { ApiClient } from './support/api-client.ts';
import { Deployment } from './support/deployment.ts';
import { violationsOf } from './support/invariants.ts';
import { untilClean } from './support/residue.ts';
import { createMachine, inLanes, startByName, tellAll, untilClosed } from './support/run.ts';
import { until } from './support/until.ts';

/** Many executions that are redriven with a patch, while every process that could do it is killed in the middle. */

const EXECUTIONS = 300;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

test('each execution is redriven once, whoever dies, and they are counted right', async () => {
  const deployment = await Deployment.start({ roles: ['engine', 'api', 'api'] });
  cleanups.push(() => deployment.stop());
  const api = new ApiClient(deployment.urls);
  const [, url = ''] = deployment.urls;
  const stateMachineArn = await createMachine(api, 'orders', {
    StartAt: 'Charge',
    States: { Charge: { Type: 'Pass', Parameters: { 'total.$': 'States.MathAdd($.amount, 1)' }, End: true } },
  });
  const names = Array.from({ length: EXECUTIONS }, (_, index) => `order-${index}`);
  const arns = await inLanes(names, 8, (name) =>
    startByName(api, { stateMachineArn, name, input: { amount: 'one', name } }),
  );
  await untilClosed(api, [stateMachineArn]);

  const edits = { patch: { amount: 1 } };
  const begun = await rest(url, 'POST', '/redrives', { filter: { stateMachineArn, status: 'FAILED' }, edits });
  const progress = async () => (await rest(url, 'GET', `/redrives/${begun.body['redriveId']}`)).body;
  // A page is done and another one is under way.
  await until('a page is redriven', async () => Number((await progress())['found']) >= 200);
  await Promise.all(['api-1', 'api-2', 'engine-0'].map((name) => deployment.server(name).kill()));
  await Promise.all(['api-2', 'engine-0'].map((name) => deployment.server(name).start()));
  await until('all are redriven', async () => (await progress())['status'] !== 'RUNNING');
  expect(await progress()).toMatchObject({
    status: 'COMPLETED',
    found: EXECUTIONS,
    redriven: EXECUTIONS,
    refused: 0,
    refusals: [],
  });
  await untilClosed(api, [stateMachineArn]);

  const told = await tellAll(api, arns);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  const redriven = told.map(({ events }) => events.filter(({ type }) => type === 'ExecutionRedriven').length);
  expect(new Set(redriven)).toEqual(new Set([1]));
  await untilClean(deployment.redis.url, EXECUTIONS);
});
