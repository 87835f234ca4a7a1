import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateStateMachineCommand, StartExecutionCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { beforeEach, expect, test, vi } from 'vitest';
import { rest } from '../api/support/rest.ts';
import { useSystem } from '../examples/support/system.ts';

/** `stepyard redrive` against a whole system. */

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const system = useSystem();
const roleArn = 'arn:aws:iam::012345678901:role/shop';
const ORDER = {
  StartAt: 'Charge',
  States: {
    Charge: { Type: 'Pass', Parameters: { 'total.$': 'States.MathAdd($.amount, 1)' }, Next: 'Waive' },
    Waive: { Type: 'Succeed' },
  },
};

let machines = 0;
let stateMachineArn = '';
let executionArn = '';

beforeEach(async () => {
  machines += 1;
  const machine = { name: `orders-${machines}`, definition: JSON.stringify(ORDER), roleArn };
  ({ stateMachineArn = '' } = await system.client.send(new CreateStateMachineCommand(machine)));
  const start = new StartExecutionCommand({ stateMachineArn, name: 'order', input: '{"amount":"twelve"}' });
  ({ executionArn = '' } = await system.client.send(start));
  await untilIt('FAILED');
});

const untilIt = (status: string) =>
  vi.waitFor(async () => {
    const { body } = await rest(system.endpoint, 'GET', `/executions/${encodeURIComponent(executionArn)}`);
    expect(body['status']).toBe(status);
    return body;
  }, 10_000);

const run = (args: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [main, 'redrive', ...args],
      { env: { ...process.env, NO_COLOR: '1', AWS_ENDPOINT_URL_SFN: system.endpoint, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });

const WHEN = /, redriven at \d{4}-\d\d-\d\dT[\d:.]+Z\.$/m;

test('patches the input', async () => {
  const { code, stdout, stderr } = await run([executionArn, '--patch', '{"amount":12}']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(WHEN);
  expect(stdout).toContain(`${executionArn}\ngoes on with a patched input,`);
  expect(await untilIt('SUCCEEDED')).toMatchObject({ output: '{"total":13}' });
});

test.each(['a file', 'standard input'])('takes another input from %s', async (from) => {
  const file = join(tmpdir(), `stepyard-redrive-${process.pid}.json`);
  writeFileSync(file, '{"amount":1}');
  const source = from === 'a file' ? [file] : ['-'];
  const { code, stdout } = await run([executionArn, '--input', ...source], '{"amount":1}');
  expect(code).toBe(0);
  expect(stdout).toContain('goes on with another input,');
  expect(await untilIt('SUCCEEDED')).toMatchObject({ output: '{"total":2}' });
});

test('goes on in another state', async () => {
  const { code, stdout } = await run([executionArn, '--state', 'Waive', '--endpoint', system.endpoint]);
  expect(code).toBe(0);
  expect(stdout).toContain("goes on in state 'Waive',");
  expect(await untilIt('SUCCEEDED')).toMatchObject({ redrives: [{ state: 'Waive', inputChanged: false }] });
});

test.each([
  ['--version', '1'],
  ['--revision', 'current'],
])('goes on with another definition (%s %s)', async (option, value) => {
  const States = { ...ORDER.States, Charge: { Type: 'Pass', Next: 'Waive' } };
  const definition = JSON.stringify({ ...ORDER, States });
  await system.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition, publish: true }));
  const { code, stdout } = await run([executionArn, option, value]);
  expect(code).toBe(0);
  expect(stdout).toContain(`goes on with ${option.slice(2)} ${value},`);
  await untilIt('SUCCEEDED');
});

test.each<[why: string, args: string[], said: string, env?: NodeJS.ProcessEnv]>([
  [
    'a state that is not there',
    ['--state', 'Nowhere'],
    "There is no state 'Nowhere' at the top level of the definition.",
  ],
  ['a patch that is no JSON', ['--patch', '{'], 'It is no JSON'],
  ['a version that is none', ['--version', 'two'], 'It must be a whole number above 0.'],
  ['a file that is not there', ['--input', '/nowhere.json'], 'The input cannot be read: ENOENT'],
  [
    'a server that is not there',
    [],
    'Nothing answers at http://127.0.0.1:9/',
    { AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:9' },
  ],
])('exits with 1 for %s', async (_why, args, said, env) => {
  const { code, stdout, stderr } = await run([executionArn, ...args], '', env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(said);
  await untilIt('FAILED');
});
