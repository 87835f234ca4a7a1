import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from './support/api-client.ts';
import { freePort, SERVER } from './support/deployment.ts';
import { violationsOf } from './support/invariants.ts';
import { NodeProcess } from './support/node-process.ts';
import { report } from './support/report.ts';
import {
  allExecutions,
  createActivity,
  createMachine,
  inLanes,
  startByName,
  tellAll,
  untilClosed,
} from './support/run.ts';

/** The commands of docs/operating.md, as they stand there: a copy that is taken under load goes on where it was. */

const BEFORE = 60;
/** Started while the copy is taken: each is in it whole, or not at all. */
const MEANWHILE = 300;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** The commands that a chapter shows, for other folders. */
async function commandsOf(chapter: string, number: number, folders: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  const [, from = ''] = text.split(`## ${chapter}\n`);
  const block = [...(from.split('\n## ')[0]?.matchAll(/```sh\n([^`]*)```/g) ?? [])][number]?.[1] ?? '';
  return Object.entries(folders).reduce((commands, [name, path]) => commands.replaceAll(name, path), block);
}

const shell = (commands: string) => promisify(execFile)('sh', ['-euc', commands]);

async function serve(dataDir: string) {
  const port = String(await freePort());
  const env = { PORT: port, STEPYARD_DATA: dataDir, STEPYARD_LEASE_MS: '1000' };
  const server = new NodeProcess({
    script: SERVER,
    args: ['server'],
    env,
    isReady: (line) => line.includes('"ready"'),
  });
  await server.start();
  cleanups.push(() => server.terminate());
  return { server, api: new ApiClient([`http://127.0.0.1:${port}`]) };
}

const machineOf = (activityArn: string) => ({
  StartAt: 'Pause',
  States: {
    Pause: { Type: 'Wait', Seconds: 1, Next: 'Work' },
    Work: { Type: 'Task', Resource: activityArn, End: true },
  },
});

test('a backup under load, restored into another folder, goes on', async () => {
  const root = await mkdtemp(join(tmpdir(), 'stepyard-backup-'));
  cleanups.push(() => rm(root, { recursive: true }));
  const [data, backup, restored] = ['data', 'backup', 'restored'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(backup);
  const { server, api } = await serve(data);
  const activityArn = await createActivity(api, 'work');
  const stateMachineArn = await createMachine(api, 'slow', machineOf(activityArn));
  const start = (names: readonly string[]) =>
    inLanes(names, 8, (name) => startByName(api, { stateMachineArn, name, input: { name } }));
  const before = await start(Array.from({ length: BEFORE }, (_, index) => `before-${index}`));
  await Promise.all([
    start(Array.from({ length: MEANWHILE }, (_, index) => `meanwhile-${index}`)),
    shell(await commandsOf('Backup and restore', 0, { '.stepyard/': `${data}/`, '/backup/': `${backup}/` })),
  ]);
  expect(await server.terminate()).toBe(0);

  const folders = { '/backup/': `${backup}/`, restored };
  const [restore = ''] = (await commandsOf('Backup and restore', 1, folders)).split('STEPYARD_DATA=');
  await shell(restore);
  const again = await serve(restored);
  const kept = await allExecutions(again.api, [stateMachineArn]);
  expect(kept).toEqual(expect.arrayContaining(before));
  await inLanes(kept, 8, async () => {
    const { taskToken } = await again.api.call('GetActivityTask', { activityArn });
    await again.api.call('SendTaskSuccess', { taskToken, output: '1' });
  });
  await untilClosed(again.api, [stateMachineArn]);
  const told = await tellAll(again.api, kept);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  report(
    `a backup under load kept ${kept.length} of ${BEFORE + MEANWHILE} executions, of which ${BEFORE} came before it`,
  );
});
