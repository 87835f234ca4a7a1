import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ApiClient, Refused } from '../faults/support/api-client.ts';
import { startLocally } from '../faults/support/local-system.ts';
import { createMachine, startByName, untilClosed } from '../faults/support/run.ts';
import { until } from '../faults/support/until.ts';
import { useRedis } from '../support/redis.ts';
import { S3Server } from '../support/s3-server.ts';

/** Executions that have left Redis are answered as those that have not, from a folder and from S3. */

const redis = useRedis();
const cleanups: (() => unknown)[] = [];
const server = new S3Server();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepyard-archive-'));
  for (const [name, value] of Object.entries({
    ACCESS_KEY_ID: 'key',
    SECRET_ACCESS_KEY: 'secret',
    REGION: 'us-east-1',
  }))
    vi.stubEnv(`AWS_${name}`, value);
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const EACH = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemsPath: '$.items',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Same',
        States: { Same: { Type: 'Pass', End: true } },
      },
      Next: 'Broken?',
    },
    'Broken?': { Type: 'Choice', Choices: [{ Variable: '$[0]', NumericEquals: 0, Next: 'Broken' }], Default: 'Done' },
    Broken: { Type: 'Fail', Error: 'Broken', Cause: 'why' },
    Done: { Type: 'Succeed' },
  },
};

/** Everything that is told of an execution and its Map Runs, but whether it may be redriven. */
async function tellAll(api: ApiClient, executionArn: string) {
  const {
    redriveStatus: _,
    redriveStatusReason: __,
    ...described
  } = await api.call('DescribeExecution', { executionArn });
  const { mapRuns = [] } = (await api.call('ListMapRuns', { executionArn })) as { mapRuns?: { mapRunArn: string }[] };
  const runs = await Promise.all(mapRuns.map(({ mapRunArn }) => api.call('DescribeMapRun', { mapRunArn })));
  const history = await api.call('GetExecutionHistory', { executionArn });
  const first = await api.call('GetExecutionHistory', { executionArn, maxResults: 2, reverseOrder: true });
  const machine = await api.call('DescribeStateMachineForExecution', { executionArn });
  return { described, mapRuns, runs, history, first: first['events'], machine };
}

async function archivedIn(url: string, query: Readonly<Record<string, string>>) {
  const response = await fetch(`${url}/api/v1/archive?${new URLSearchParams(query)}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe.each(['file', 's3'] as const)('an archive (%s)', (kind) => {
  test('answers what Redis knows no more', async () => {
    const before = await startLocally(redis.url);
    const machine = await createMachine(before.api, `each-${kind}`, EACH);
    const start = (name: string, items: number[]) =>
      startByName(before.api, { stateMachineArn: machine, name, input: { items } });
    const arns = [await start('good', [1, 2]), await start('broken', [0])];
    await untilClosed(before.api, [machine]);
    const told = await Promise.all(arns.map((arn) => tellAll(before.api, arn)));
    expect((await archivedIn(before.url, { stateMachineArn: machine })).status).toBe(404);
    await before.stop();

    const s3 = kind === 's3' ? { S3_ENDPOINT: await server.start() } : undefined;
    if (s3) cleanups.push(() => server.close());
    const place = s3 ? 's3://bucket/some/prefix' : `file:${join(folder, 'archive')}`;
    const env = { ...s3, STEPYARD_ARCHIVE: place, STEPYARD_ARCHIVE_AFTER_DAYS: '0' };
    const after = await startLocally(redis.url, env);
    cleanups.push(() => after.stop());
    const listed = await until('both are archived', async () => {
      const { executions } = await after.api.call('ListExecutions', { stateMachineArn: machine });
      if ((executions as unknown[]).length > 0) return undefined;
      return (await archivedIn(after.url, { stateMachineArn: machine })).body;
    });
    expect(listed['executions']).toMatchObject([
      { name: 'broken', status: 'FAILED', executionArn: arns[1] },
      { name: 'good', status: 'SUCCEEDED', stateMachineArn: machine },
    ]);
    const paged = await archivedIn(after.url, { stateMachineArn: machine, maxResults: '1' });
    const nextToken = String(paged.body['nextToken']);
    const rest = await archivedIn(after.url, { stateMachineArn: machine, maxResults: '1', nextToken });
    expect(rest.body).toEqual({ executions: [expect.objectContaining({ name: 'good' })] });
    expect(await Promise.all(arns.map((arn) => tellAll(after.api, arn)))).toEqual(told);

    const [good = '', broken = ''] = arns;
    const refused = after.api.call('RedriveExecution', { executionArn: broken });
    await expect(refused).rejects.toThrow(
      `ExecutionNotRedrivable: Execution ${broken} invalid for redrive as: Execution is archived and cannot be redriven`,
    );
    await expect(after.api.call('DescribeExecution', { executionArn: `${good}x` })).rejects.toThrow(Refused);
    // Its name is free again.
    await startByName(after.api, { stateMachineArn: machine, name: 'good', input: { items: [3] } });
    await untilClosed(after.api, [machine]);
    expect((await after.api.call('DescribeExecution', { executionArn: good }))['input']).toBe('{"items":[3]}');
    if (kind === 'file') expect(await readdir(join(folder, 'archive'))).toEqual(['children', 'executions', 'map-runs']);
    expect(after.trouble).toEqual([]);
  });
});
