import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATIONS } from '../../api/operations/index.ts';
import { Deployment } from './support/deployment.ts';
import { until } from './support/until.ts';

/** A flood of requests with which something is wrong is answered in full and leaves nothing behind in the process. */

const REQUESTS = 100_000;
/** Sent at a time on one connection. */
const BATCH = 50;
const CONNECTIONS = 16;
/** What caches and compiled code may grow by after they have warmed up. */
const ROOM_BYTES = 12e6;
const SCOPE = 'arn:aws:states:us-east-1:000000000000';

const PROBE = new URL('./support/memory-probe.ts', import.meta.url).href;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start({
    roles: ['all'],
    env: { NODE_OPTIONS: `--expose-gc --import ${PROBE}`, STEPYARD_POLL_MS: '0' },
  });
});
afterAll(() => deployment.stop());

/** Every one is another: a name that is remembered once is remembered a hundred thousand times. */
function badRequest(index: number): { path: string; method: string; headers: string[]; body: string } {
  const { name } = OPERATIONS[index % OPERATIONS.length] ?? { name: '' };
  const unique = randomUUID();
  const target = (operation: string) => [`x-amz-target: AWSStepFunctions.${operation}`, JSON_1_0];
  const call = (operation: string, body: string) => ({ path: '/', method: 'POST', headers: target(operation), body });
  switch (index % 10) {
    case 0:
      return call(name, `{"unknown":"${unique}"`);
    case 1:
      return call(
        name,
        JSON.stringify({ [unique]: 1, maxResults: -1, name: '', stateMachineArn: unique, executionArn: unique }),
      );
    case 2:
      return call('DescribeExecution', JSON.stringify({ executionArn: `${SCOPE}:execution:m:${unique}` }));
    case 3:
      return call('GetActivityTask', JSON.stringify({ activityArn: `${SCOPE}:activity:${unique}` }));
    case 4:
      return call('StartExecution', JSON.stringify({ stateMachineArn: `${SCOPE}:stateMachine:${unique}` }));
    case 5:
      return call('SendTaskSuccess', JSON.stringify({ taskToken: unique, output: '{' }));
    case 6:
      return call(unique, '{}');
    case 7:
      return call('CreateStateMachine', JSON.stringify({ name: unique, roleArn: ROLE, definition: `{"${unique}":1}` }));
    case 8:
      return { path: `/api/v1/${unique}?${unique}=1`, method: 'DELETE', headers: [], body: '' };
    default:
      return {
        ...call('TestState', JSON.stringify({ definition: unique })),
        headers: [`content-type: text/${unique}`],
      };
  }
}

const JSON_1_0 = 'content-type: application/x-amz-json-1.0';
const ROLE = 'arn:aws:iam::000000000000:role/r';

function textOf(index: number): string {
  const { path, method, headers, body } = badRequest(index);
  const lines = [`${method} ${path} HTTP/1.1`, 'host: h', ...headers, `content-length: ${Buffer.byteLength(body)}`];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Sends its share of the requests on one connection and counts the answers by status. */
async function flood(first: number, count: number, statuses: Map<string, number>): Promise<void> {
  const { port } = new URL(deployment.urls[0] ?? '');
  const socket = createConnection(Number(port), '127.0.0.1').setEncoding('latin1');
  let next = first;
  let open = 0;
  const send = (): void => {
    const size = Math.min(BATCH, first + count - next);
    open = size;
    socket.write(Array.from({ length: size }, (_, index) => textOf(next + index)).join(''));
    next += size;
  };
  send();
  let rest = '';
  for await (const chunk of socket) {
    const text = rest + String(chunk);
    // A status line may be cut in two.
    rest = text.slice(-14);
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) (?=.)/g)) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      open -= 1;
    }
    if (/HTTP\/1\.1 \d{3} /.test(rest)) rest = '';
    if (open > 0) continue;
    if (next >= first + count) break;
    send();
  }
  socket.destroy();
}

async function floodAll(count: number, first: number): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  const share = count / CONNECTIONS;
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, lane) => flood(first + lane * share, share, statuses)));
  return statuses;
}

async function memory(): Promise<number> {
  const server = deployment.server('all-0');
  const seen = server.lines.filter((line) => line.includes('"memory"')).length;
  process.kill(server.pid, 'SIGUSR2');
  const line = await until('the memory of the server', () => {
    const lines = server.lines.filter((each) => each.includes('"memory"'));
    return lines.length > seen && lines.at(-1);
  });
  return (JSON.parse(line) as { bytes: number }).bytes;
}

test('a hundred thousand bad requests are all refused, and leave nothing behind', async () => {
  await floodAll(REQUESTS / 5, REQUESTS);
  const before = await memory();
  const statuses = await floodAll(REQUESTS, 0);
  const after = await memory();
  const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  expect(total).toBe(REQUESTS);
  expect([...statuses.keys()].filter((status) => !status.startsWith('4'))).toEqual([]);
  expect(after - before).toBeLessThan(ROOM_BYTES);
});
