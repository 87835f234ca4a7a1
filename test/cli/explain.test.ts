import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { credentialsFrom, sign } from '../../cli/aws-call.ts';
import { endpointFrom } from '../../cli/endpoint.ts';
import { printExplanation } from '../../cli/print-explanation.ts';
import { explainPlay } from '../explain/support.ts';
import { machine, mapRun, pass, task } from '../interpreter/fixtures.ts';
import { MapPlay } from '../support/map-play.ts';
import { Play } from '../support/play.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const definition = machine({ Work: task({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }) });
const plain = (_format: string, text: string): string => text;

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that answers each operation as it is told to, and keeps what it was asked. */
let server: Server;
let endpoint: string;
let answers: Record<string, (input: Record<string, unknown>) => object>;
let calls: Call[];
let refusal: { __type: string; message: string };

beforeEach(async () => {
  calls = [];
  answers = {};
  refusal = { __type: 'ns#ExecutionDoesNotExist', message: 'There is none.' };
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    calls.push({ headers: request.headers, body });
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const answer = answers[operation]?.(JSON.parse(body));
    response.writeHead(answer ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer ?? refusal));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [main, 'explain', ...args],
      { env: { ...process.env, NO_COLOR: '1', ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

/** Answers with what was played, two events to a page. */
function serve(play: Play, status: string = play.state.status): string {
  const { record, head } = play.execution;
  const { executionArn, stateMachineArn, name, input } = record;
  const ended = head.state.status === 'FAILED' ? { ...head.state, stopDate: head.state.stopMs / 1000 } : {};
  const startDate = record.startMs / 1000;
  answers['DescribeExecution'] = () => ({ ...ended, executionArn, stateMachineArn, name, status, startDate, input });
  answers['DescribeStateMachineForExecution'] = () => ({ definition: JSON.stringify(definition) });
  answers['GetExecutionHistory'] = ({ nextToken }) => {
    const from = Number(nextToken ?? 0);
    const events = play.history.slice(from, from + 2);
    return from + 2 < play.history.length ? { events, nextToken: String(from + 2) } : { events };
  };
  return executionArn;
}

async function failed(): Promise<Play> {
  const play = await new Play(definition, { order: 7 }).start();
  await play.fail('Boom', 'first');
  await play.fire('retry');
  await play.fail('Boom', 'second');
  return play;
}

describe('stepyard explain', () => {
  test('tells a person what is to blame', async () => {
    const arn = serve(await failed());
    const { code, stdout, stderr } = await run([arn, '--endpoint', endpoint]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`FAILED: 'Work' failed at event 8, attempt 2 of 2: its task failed (Boom).
${arn}

State      Work (Task)
           /States/Work
Failed     2026-01-01T00:00:01.000Z, event 8, attempt 2 of 2
Why        its task failed
Error      Boom
Cause      second
Input      {"order":7}

What 'Work' does about Boom
  Retry 0  States.ALL
           names the error; MaxAttempts 1 used up
           failed 2026-01-01T00:00:00.000Z, tried again after 1 s

Failures on the way
  event 5: Work, attempt 1: Boom; tried again
      first
`);
  });

  test('tells a program the same, as JSON', async () => {
    const play = await new Play(definition).start();
    const { stdout } = await run([serve(play), '--endpoint', endpoint, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'RUNNING', waiting: [{ for: 'worker' }] });
  });

  test('asks for the Map Run that failed and for some of its children', async () => {
    const each = machine({ Each: mapRun() });
    const play = await new MapPlay(each, [1]).start();
    await play.childFails(0);
    const arn = serve(play);
    answers['DescribeStateMachineForExecution'] = () => ({ definition: JSON.stringify(each) });
    const { mapRunArn } = play.mapRun;
    const { executionArn } = play.childAt(0);
    const describe = answers['DescribeExecution'];
    answers['DescribeExecution'] = (input) =>
      input['executionArn'] === executionArn ? { error: 'Broken', cause: 'by hand' } : (describe?.(input) ?? {});
    answers['DescribeMapRun'] = () => ({ itemCounts: { failed: 1, total: 1 } });
    answers['ListExecutions'] = () => ({ executions: [{ executionArn }] });
    const { stdout } = await run([arn, '--endpoint', endpoint]);
    expect(stdout).toContain("FAILED: 'Each' failed at event 5: more of its items failed than it tolerates;");
    expect(stdout).toContain('Map Run\n  0 of 1 items succeeded, 1 failed\n  arn:');
    expect(stdout).toContain(`  its children are executions of their own, with histories of their own:
    aws stepfunctions describe-map-run --map-run-arn ${mapRunArn}
    aws stepfunctions list-executions --map-run-arn ${mapRunArn} --status-filter FAILED
  failed with Broken: by hand
    stepyard explain ${executionArn}
`);
  });

  test('does without the Map Run where the server does not tell of it', async () => {
    const each = machine({ Each: mapRun() });
    const play = await new MapPlay(each, [1]).start();
    const arn = serve(play);
    answers['DescribeStateMachineForExecution'] = () => ({ definition: JSON.stringify(each) });
    const { code, stdout } = await run([arn, '--endpoint', endpoint]);
    expect(code).toBe(0);
    expect(stdout).toContain('  aws stepfunctions describe-map-run');
    expect(stdout).toContain('Each waits for the child executions of its Map Run');
  });

  test.each<[string, () => Promise<[string, string]>, string]>([
    [
      'an execution that is not there',
      async () => ['arn:x', endpoint],
      'DescribeExecution was refused: ExecutionDoesNotExist: There is none.',
    ],
    [
      'a server that asks for a key',
      async () => {
        refusal = { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' };
        return ['arn:x', endpoint];
      },
      'The server asks for an access key: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are to hold one that it knows.',
    ],
    [
      'a server that is not there',
      async () => ['arn:x', 'http://127.0.0.1:1'],
      'Nothing answers at http://127.0.0.1:1/.',
    ],
    ['an endpoint that is none', async () => ['arn:x', 'nowhere'], "--endpoint must be a URL, but is 'nowhere'."],
    [
      'a status that it does not know',
      async () => [serve(await failed(), 'PENDING_REDRIVE'), endpoint],
      "Executions with status 'PENDING_REDRIVE' cannot be explained.",
    ],
    [
      'a definition that it cannot read',
      async () => {
        const arn = serve(await failed());
        answers['DescribeStateMachineForExecution'] = () => ({ definition: '{}' });
        return [arn, endpoint];
      },
      'The definition of this execution cannot be read here:',
    ],
  ])('says so of %s', async (_name, prepare, message) => {
    const [arn, at] = await prepare();
    const { code, stdout, stderr } = await run([arn, '--endpoint', at]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  test('refuses an Express execution without asking for it', async () => {
    const arn = 'arn:aws:states:us-east-1:000000000000:express:orders/each:child:id';
    const { code, stderr } = await run([arn, '--endpoint', endpoint]);
    expect(code).toBe(1);
    expect(stderr).toContain('Express executions cannot be explained: they have no history to read.');
    expect(calls).toEqual([]);
  });

  test('asks the server that the environment names', async () => {
    const arn = serve(await failed());
    const { stdout } = await run([arn], { AWS_ENDPOINT_URL: endpoint });
    expect(stdout).toContain("FAILED: 'Work'");
  });

  test('signs its requests when there are credentials', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
    await run([serve(await failed()), '--endpoint', endpoint], env);
    expect(calls[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/us-east-1\/states\/aws4_request, /,
      ),
      'x-amz-security-token': 'token',
    });
  });
});

test('requests are signed as the SDK signs them', async () => {
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' };
  answers['DescribeExecution'] = () => ({});
  await new SFNClient({ endpoint, region: 'eu-west-1', credentials }).send(
    new DescribeExecutionCommand({ executionArn: 'arn:x' }),
  );
  const { headers, body } = calls[0] ?? { headers: {}, body: '' };
  const { authorization, 'x-amz-date': date } = headers;
  const names = /SignedHeaders=([^,]+)/.exec(authorization ?? '')?.[1]?.split(';') ?? [];
  const signed = Object.fromEntries(
    names.filter((name) => name !== 'host' && name !== 'x-amz-date').map((name) => [name, String(headers[name])]),
  );
  const [, ...parts] = /(....)(..)(..T..)(..)(..Z)/.exec(String(date)) ?? [];
  const at = new Date(`${parts[0]}-${parts[1]}-${parts[2]}:${parts[3]}:${parts[4]}`);
  const target = { endpoint: new URL(endpoint), region: 'eu-west-1', credentials };
  expect(sign(target, credentials, signed, body, at)['authorization']).toBe(authorization);
});

test.each([
  [{}, undefined],
  [{ AWS_ACCESS_KEY_ID: 'a' }, undefined],
  [
    { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    { accessKeyId: 'a', secretAccessKey: 'b' },
  ],
])('credentials are taken from %j', (environment, credentials) => {
  expect(credentialsFrom(environment)).toEqual(credentials);
});

test.each<[string | undefined, NodeJS.ProcessEnv, string]>([
  [undefined, {}, 'http://127.0.0.1:8083/'],
  [undefined, { AWS_ENDPOINT_URL_SFN: '', AWS_ENDPOINT_URL: '' }, 'http://127.0.0.1:8083/'],
  [undefined, { AWS_ENDPOINT_URL: 'http://all' }, 'http://all/'],
  [undefined, { AWS_ENDPOINT_URL_SFN: 'http://sfn', AWS_ENDPOINT_URL: 'http://all' }, 'http://sfn/'],
  ['http://flag', { AWS_ENDPOINT_URL_SFN: 'http://sfn', AWS_ENDPOINT_URL: 'http://all' }, 'http://flag/'],
])('the endpoint of %j and %j is %s', (flag, environment, href) => {
  expect(endpointFrom(flag, environment).href).toBe(href);
});

test('an endpoint that is no URL is told with the name of its variable', () => {
  expect(() => endpointFrom(undefined, { AWS_ENDPOINT_URL: 'nowhere' })).toThrow(
    "AWS_ENDPOINT_URL must be a URL, but is 'nowhere'.",
  );
});

describe('a printed explanation', () => {
  test('keeps to 80 columns and sends nothing to the terminal that it would obey', async () => {
    const states = { X: pass({ Parameters: { 'x.$': `$.${'long'.repeat(40)}` } }) };
    const explanation = await explainPlay(machine(states), {
      [`\u001b[31m${'y'.repeat(100)}`]: 'two words '.repeat(50),
    });
    const printed = printExplanation(explanation, plain);
    expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(printed).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(printed).toContain('reaches    $, which is');
  });

  test('shows the rules of a Choice, those inside others further in', async () => {
    const rule = { Not: { Variable: '$.a', IsNumeric: true }, Next: 'Done' };
    const states = { X: { Type: 'Choice', Choices: [rule] }, Done: pass() };
    expect(printExplanation(await explainPlay(machine(states), { a: 1 }), plain)).toContain(`Rules of the Choice
  no     Not
         its rule holds
      holds  $.a IsNumeric true
             $.a is 1: IsNumeric true holds`);
  });

  test('shows what waits, for how long, and until when', async () => {
    const each = {
      Type: 'Map',
      ItemProcessor: { StartAt: 'Pay', States: { Pay: task({ TimeoutSeconds: 60, HeartbeatSeconds: 10 }) } },
      End: true,
    };
    const printed = printExplanation(await explainPlay(machine({ Each: each }), ['a']), plain);
    expect(printed).toContain(`Waits
  Each waits for its items: 0 of 1 done
      since 2026-01-01T00:00:00.000Z (0 s)
  Each[item 0] > Pay waits for a worker to take its task
      since 2026-01-01T00:00:00.000Z (0 s)
      arn:aws:states:us-east-1:000000000000:activity:work
      times out at 2026-01-01T00:01:00.000Z
      wants a heartbeat every 10 s`);
  });

  test('tells of an execution that was stopped what it was waiting for', async () => {
    const states = { Pay: task({ TimeoutSeconds: 60, HeartbeatSeconds: 10 }) };
    const stopped = await explainPlay(machine(states), {}, (play) => play.stop());
    const printed = printExplanation(stopped, plain);
    expect(printed).toContain('\nStopped    2026-01-01T00:00:00.000Z, event 4\n');
    expect(printed.slice(printed.indexOf('Was waiting'))).toBe(`Was waiting
  Pay waited for a worker to take its task
      since 2026-01-01T00:00:00.000Z (0 s)
      arn:aws:states:us-east-1:000000000000:activity:work`);
  });

  test('tells of an execution whose time was over where it was', async () => {
    const states = { Pay: { Type: 'Wait', Seconds: 60, End: true } };
    const late = await explainPlay(machine(states, { TimeoutSeconds: 5 }), {}, (play) => play.fire('execution'));
    const printed = printExplanation(late, plain);
    expect(printed).toContain('\nTimed out  2026-01-01T00:00:05.000Z, event ');
    expect(printed).toContain('Was waiting\n  Pay waited until 2026-01-01T00:01:00.000Z');
  });

  test('shows rules of Catch, values that were given and what was cut, and colours by status', async () => {
    const work = task({ Catch: [{ ErrorEquals: ['Other'], Next: 'Wait' }], Next: 'Wait' });
    const states = { Work: work, Wait: { Type: 'Wait', SecondsPath: '$.s', End: true } };
    const input = { s: 1.5, long: 'z'.repeat(900) };
    const caught = await explainPlay(machine(states), input, (play) => play.fail('Other'));
    expect(printExplanation(caught, plain)).toContain('event 5: Work, attempt 1: Other; caught, on to Wait');
    const uncaught = await explainPlay(machine(states), input, (play) => play.fail());
    const printed = printExplanation(uncaught, (format, text) => `<${format}>${text}`);
    expect(printed).toContain('<red>FAILED');
    expect(printed).toContain("<bold>What 'Work' does about an error without a name");
    expect(printed).toContain('  Catch 0  Other -> Wait');
    expect(printed).toContain('... (cut from');
    const refused = await explainPlay(machine(states), {}, (play) => play.succeed({ s: 1.5 }));
    expect(printExplanation(refused, plain)).toContain('gave       1.5');
  });

  test('counts what it does not list', async () => {
    const each = {
      Type: 'Map',
      ItemProcessor: { StartAt: 'Pay', States: { Pay: task() } },
      MaxConcurrency: 110,
      End: true,
    };
    const items = Array.from({ length: 110 }, (_, index) => index);
    expect(printExplanation(await explainPlay(machine({ Each: each }), items), plain)).toContain('  and 11 more');
  });
});
