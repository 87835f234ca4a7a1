import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATIONS } from '../../api/operations/index.ts';
import { Deployment, SERVER } from './support/deployment.ts';
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

interface BadRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Every one is another: a name that is remembered once is remembered a hundred thousand times. */
function badRequest(index: number): BadRequest {
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

/** By somebody who has no key: each with another key, signature, token or cookie. */
function strangeRequest(index: number): BadRequest {
  const unique = randomUUID();
  const hex = unique.replaceAll('-', '');
  const minute = index % 2 === 0 ? Date.now() : Date.now() - 3_600_000;
  const date = new Date(minute).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${hex.slice(0, 20).toUpperCase()}/${date.slice(0, 8)}/us-east-1/states/aws4_request`;
  const signed = `SignedHeaders=host;x-amz-date;x-amz-target, Signature=${hex}${hex}`;
  const authorizations = [
    `authorization: AWS4-HMAC-SHA256 Credential=${scope}, ${signed}`,
    `authorization: AWS4-HMAC-SHA256 ${unique}`,
    `authorization: Bearer ${unique}.${hex}`,
    `cookie: stepyard_session=${hex}${hex.slice(0, 11)}`,
    `x-nothing: ${unique}`,
  ];
  const headers = [authorizations[index % 5] ?? '', `x-amz-date: ${date}`];
  if (index % 3 === 0) return { path: `/api/v1/executions/${unique}`, method: 'GET', headers, body: '' };
  const target = ['x-amz-target: AWSStepFunctions.ListActivities', JSON_1_0];
  return { path: '/', method: 'POST', headers: [...headers, ...target], body: '{}' };
}

function textOf({ path, method, headers, body }: BadRequest): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: h', ...headers, `content-length: ${Buffer.byteLength(body)}`];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Sends its share of the requests on one connection and counts the answers by status. */
async function flood(request: Request, first: number, count: number, statuses: Map<string, number>): Promise<void> {
  const { port } = new URL(deployment.urls[0] ?? '');
  const socket = createConnection(Number(port), '127.0.0.1').setEncoding('latin1');
  let next = first;
  let open = 0;
  const send = (): void => {
    const size = Math.min(BATCH, first + count - next);
    open = size;
    socket.write(Array.from({ length: size }, (_, index) => textOf(request(next + index))).join(''));
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

type Request = (index: number) => BadRequest;

async function floodAll(request: Request, count: number, first: number): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  const share = count / CONNECTIONS;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, lane) => flood(request, first + lane * share, share, statuses)),
  );
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

async function expectFlat(request: Request, count: number): Promise<void> {
  await floodAll(request, count / 5, count);
  const before = await memory();
  const statuses = await floodAll(request, count, 0);
  const after = await memory();
  expect([...statuses.values()].reduce((sum, answered) => sum + answered, 0)).toBe(count);
  expect([...statuses.keys()].filter((status) => !status.startsWith('4'))).toEqual([]);
  expect(after - before).toBeLessThan(ROOM_BYTES);
}

test('a hundred thousand bad requests are all refused, and leave nothing behind', () =>
  expectFlat(badRequest, REQUESTS));

test('so are requests of strangers', async () => {
  const args = [SERVER.pathname, 'keys', 'create', '--role', 'reader', '--bearer-only'];
  await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, REDIS_URL: `unix://${deployment.redis.url}` },
  });
  await until('the key to be known', async () => {
    const answer = await fetch(`${deployment.urls[0]}/api/v1/state-machines`);
    return answer.status === 401;
  });
  await expectFlat(strangeRequest, REQUESTS / 5);
});
