import { beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  executionArn,
  FAILS,
  machineArn,
  PASSES,
  type Rest,
  ROLE,
  useSystem,
  waitsFor,
} from './support.ts';

/** Every route, over a real Redis with a real engine. Names begin with the id of the operation. */

const system = useSystem();
let rest: Rest;
const of = (arn: string): string => encodeURIComponent(arn);
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

beforeAll(async () => {
  rest = system.rest;
  await rest.create('passes', PASSES);
  await rest.create('fails', FAILS);
  await rest.create('works', waitsFor('work'));
});

const problem = (status: number, type: string) => ({
  status,
  headers: expect.objectContaining({ 'content-type': expect.stringContaining('application/problem+json') }),
  body: expect.objectContaining({ type: `urn:stepyard:problem:${type}`, status }),
});

describe('executions', () => {
  test('startExecution: starts one, and says where it is', async () => {
    const asked = { stateMachineArn: machineArn('passes'), name: 'first', input: { order: 17 } };
    const { status, headers, body } = await rest.send('POST', '/executions', asked);
    const arn = executionArn('passes', 'first');
    expect([status, body]).toEqual([201, { executionArn: arn, startDate: instant }]);
    expect(headers['location']).toBe(`/api/v1/executions/${of(arn)}`);
    expect((await rest.ended(arn))['input']).toBe('{"order":17}');
  });

  test('startExecution: takes a JSON text as the AWS API does, and by default {}', async () => {
    const stateMachineArn = machineArn('passes');
    const texts = [await rest.send('POST', '/executions', { stateMachineArn, input: '{"digits": 1.50}' })];
    texts.push(await rest.send('POST', '/executions', { stateMachineArn }));
    const inputs = await Promise.all(texts.map(({ body }) => rest.ended(String(body['executionArn']))));
    expect(inputs.map(({ input }) => input)).toEqual(['{"digits": 1.50}', '{}']);
  });

  test.each<[status: number, type: string, body: object]>([
    [404, 'StateMachineDoesNotExist', { stateMachineArn: machineArn('none') }],
    [400, 'InvalidArn', { stateMachineArn: 'x' }],
    [400, 'InvalidName', { stateMachineArn: machineArn('passes'), name: 'a b' }],
    [400, 'InvalidExecutionInput', { stateMachineArn: machineArn('passes'), input: '{' }],
    [400, 'ValidationException', { stateMachineArn: machineArn('passes'), input: 'x'.repeat(262_145) }],
    [400, 'ValidationException', { stateMachineArn: machineArn('passes'), inputs: {} }],
    [400, 'ValidationException', {}],
  ])('startExecution: answers %i %s', async (status, type, body) => {
    expect(await rest.send('POST', '/executions', body)).toMatchObject(problem(status, type));
  });

  test('getExecution: tells how it stands and what it waits for', async () => {
    const arn = await rest.start('works', 'waiting', { n: 1 });
    const read = async () => (await rest.get(`/executions/${of(arn)}`)).body;
    await eventually(async () => (await read())['historyEventCount']).toBe(3);
    expect(await read()).toEqual({
      executionArn: arn,
      stateMachineArn: machineArn('works'),
      name: 'waiting',
      status: 'RUNNING',
      startDate: instant,
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
      input: '{"n":1}',
      historyEventCount: 3,
      currentStates: [{ state: 'Work', enteredDate: instant, enteredEventId: 2, waitingFor: 'worker' }],
      moreCurrentStates: false,
    });
    const without = await rest.get(`/executions/${of(arn)}?includedData=METADATA_ONLY`);
    expect(without.body).not.toHaveProperty('input');
    expect(await rest.get(`/executions/${of(`${arn}x`)}`)).toMatchObject(problem(404, 'ExecutionDoesNotExist'));
    expect(await rest.get('/executions/nonsense')).toMatchObject(problem(400, 'InvalidArn'));
  });

  test('getExecution: costs nothing again until something has happened', async () => {
    const arn = await rest.start('works', 'tagged');
    const path = `/executions/${of(arn)}`;
    await eventually(async () => (await rest.get(path)).body['historyEventCount']).toBe(3);
    const first = await rest.get(path);
    const etag = String(first.headers['etag']);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    expect(etag).toMatch(/^W\/".+"$/);
    const again = await rest.get(path, { 'if-none-match': `"other", ${etag}` });
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    await rest.send('POST', `${path}/stop`, {});
    await rest.ended(arn);
    expect((await rest.get(path, { 'if-none-match': etag })).status).toBe(200);
  });

  test('getExecution: has another tag for another execution as long, which may get its name', async () => {
    const tags: string[] = [];
    for (const name of ['first', 'second']) {
      const arn = await rest.start('passes', `tag-${name}`);
      await rest.ended(arn);
      for (const path of ['', '/history']) {
        tags.push(String((await rest.get(`/executions/${of(arn)}${path}`)).headers['etag']));
      }
    }
    expect(new Set(tags).size).toBe(4);
  });

  test('stopExecution: stops it, with or without a reason', async () => {
    const [arn, other] = [await rest.start('works', 'stopped'), await rest.start('works', 'stopped-too')];
    const stop = await rest.send('POST', `/executions/${of(arn)}/stop`, { error: 'Enough', cause: 'said so' });
    expect([stop.status, stop.body]).toEqual([200, { stopDate: instant }]);
    expect(await rest.ended(arn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'said so' });
    expect((await rest.send('POST', `/executions/${of(other)}/stop`)).status).toBe(200);
    expect(await rest.ended(other)).toMatchObject({ status: 'ABORTED', redriveStatus: 'REDRIVABLE' });
    const none = await rest.send('POST', `/executions/${of(`${arn}x`)}/stop`);
    expect(none).toMatchObject(problem(404, 'ExecutionDoesNotExist'));
  });

  test('getExecutionHistory: pages in both directions, with instants, with data or without', async () => {
    const arn = await rest.start('passes', 'history', { secret: 1 });
    await rest.ended(arn);
    const path = `/executions/${of(arn)}/history`;
    const ids = async (query: string) => {
      const found: number[][] = [];
      let token = '';
      do {
        const { status, body } = await rest.get(`${path}?maxResults=3${query}${token}`);
        expect(status).toBe(200);
        found.push((body['events'] as { id: number }[]).map(({ id }) => id));
        token = body['nextToken'] === undefined ? '' : `&nextToken=${body['nextToken']}`;
      } while (token !== '');
      return found;
    };
    expect(await ids('')).toEqual([[1, 2, 3], [4]]);
    expect(await ids('&reverseOrder=true')).toEqual([[4, 3, 2], [1]]);
    const { body, text } = await rest.get(path);
    expect((body['events'] as object[])[1]).toEqual({
      id: 2,
      previousEventId: 0,
      timestamp: instant,
      type: 'PassStateEntered',
      stateEnteredEventDetails: { name: 'Pass', input: '{"secret":1}', inputDetails: { truncated: false } },
    });
    expect(text).toContain('secret');
    expect((await rest.get(`${path}?includeExecutionData=false`)).text).not.toContain('secret');
    expect(await rest.get(`${path}?nextToken=abc`)).toMatchObject(problem(400, 'InvalidToken'));
    expect(await rest.get(`/executions/${of(`${arn}x`)}/history`)).toMatchObject(problem(404, 'ExecutionDoesNotExist'));
  });

  test('getExecutionHistory: lets browsers keep what never changes, and ask for the rest', async () => {
    const arn = await rest.start('works', 'cached');
    const path = `/executions/${of(arn)}/history`;
    await eventually(async () => (await rest.get(path)).text).toContain('ActivityScheduled');
    const caching = async (query: string) => (await rest.get(path + query)).headers['cache-control'];
    expect(await caching('?maxResults=2')).toMatch(/^private, max-age=\d+, immutable$/);
    expect(await caching('?maxResults=2&reverseOrder=true')).toBe('private, no-cache');
    expect(await caching('')).toBe('private, no-cache');
    const { headers } = await rest.get(path);
    expect((await rest.get(path, { 'if-none-match': String(headers['etag']) })).status).toBe(304);
  });

  test('explainExecution: says why one failed, and what another waits for', async () => {
    const failed = await rest.start('fails', 'explained');
    await rest.ended(failed);
    const explained = await rest.get(`/executions/${of(failed)}/explanation`);
    expect(explained.body).toMatchObject({ status: 'FAILED', blame: { kind: 'fail-state', error: 'Refused' } });
    const open = await rest.start('works', 'explained');
    const read = async () => (await rest.get(`/executions/${of(open)}/explanation`)).body['waiting'];
    await eventually(read).toEqual([expect.objectContaining({ place: expect.objectContaining({ state: 'Work' }) })]);
    const none = await rest.get(`/executions/${of(`${open}x`)}/explanation`);
    expect(none).toMatchObject(problem(404, 'ExecutionDoesNotExist'));
  });

  test('searchExecutions: finds by status, time, name, error, state and attribute, page by page', async () => {
    await rest.create('found', waitsFor('find'));
    const attributes = { searchAttributes: { customer: '$.customer' } };
    await rest.send('PUT', `/state-machines/${of(machineArn('found'))}/search-attributes`, attributes);
    for (const name of ['f1', 'f2', 'f3']) await rest.start('found', name, { customer: `c-${name}` });
    await rest.start('fails', 'f4');
    await rest.ended(executionArn('fails', 'f4'));
    await rest.send('POST', `/executions/${of(executionArn('found', 'f3'))}/stop`);
    await rest.ended(executionArn('found', 'f3'));
    const names = async (query: string) => {
      const { status, body } = await rest.get(`/executions?${query}`);
      expect([status, body['detail']]).toEqual([200, undefined]);
      return (body['executions'] as { name: string }[]).map(({ name }) => name);
    };
    const machine = `stateMachineArn=${machineArn('found')}`;
    await eventually(() => names(`${machine}&waitingIn=Work`)).toEqual(['f2', 'f1']);
    expect(await names(machine)).toEqual(['f3', 'f2', 'f1']);
    expect(await names(`${machine}&status=ABORTED`)).toEqual(['f3']);
    expect(await names(`${machine}&status=ABORTED&status=RUNNING`)).toEqual(['f3', 'f2', 'f1']);
    expect(await names(`${machine}&attribute.customer=c-f2`)).toEqual(['f2']);
    expect(await names(`${machine}&attribute.customer=c-f2&status=FAILED`)).toEqual([]);
    expect(await names('error=Refused&namePrefix=f')).toEqual(['f4']);
    expect(await names(`${machine}&startedBefore=2020-01-01T00:00:00Z`)).toEqual([]);
    expect(await names(`${machine}&startedAfter=2020-01-01T00:00:00%2B01:00`)).toHaveLength(3);
    const first = await rest.get(`/executions?${machine}&maxResults=2`);
    const { executions, nextToken } = first.body;
    expect((executions as object[])[0]).toEqual({
      executionArn: executionArn('found', 'f3'),
      stateMachineArn: machineArn('found'),
      name: 'f3',
      status: 'ABORTED',
      startDate: instant,
      stopDate: instant,
      redriveCount: 0,
      attributes: { customer: 'c-f3' },
    });
    expect(await names(`${machine}&maxResults=2&nextToken=${nextToken}`)).toEqual(['f1']);
    expect(await rest.get(`/executions?nextToken=${nextToken}`)).toMatchObject(problem(400, 'InvalidToken'));
  });

  test.each(['status=Running', 'state=x', 'startedAfter=yesterday', 'waitingIn=Work', 'attribute.a=1', 'maxResults=0'])(
    'searchExecutions: refuses %s',
    async (query) => {
      expect(await rest.get(`/executions?${query}`)).toMatchObject(problem(400, 'ValidationException'));
    },
  );

  test('countExecutions: counts all, and countStateMachineExecutions those of a machine by state', async () => {
    await rest.create('counted', waitsFor('count'));
    await rest.start('counted', 'open');
    const path = `/state-machines/${of(machineArn('counted'))}/counts`;
    await eventually(async () => (await rest.get(path)).body).toEqual({
      statuses: { RUNNING: 1, SUCCEEDED: 0, FAILED: 0, TIMED_OUT: 0, ABORTED: 0 },
      states: [{ state: 'Work', executions: 1 }],
    });
    const { statuses } = (await rest.get('/counts')).body as { statuses: { RUNNING: number } };
    expect(statuses.RUNNING).toBeGreaterThanOrEqual(1);
    const none = await rest.get(`/state-machines/${of(machineArn('none'))}/counts`);
    expect(none).toMatchObject(problem(404, 'StateMachineDoesNotExist'));
  });
});

describe('Map Runs', () => {
  test('listMapRuns: lists those of an execution, and getMapRun tells one', async () => {
    const ItemProcessor = { ...PASSES, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
    const Each = { Type: 'Map', ItemProcessor, End: true };
    await rest.create('maps', { StartAt: 'Each', States: { Each } });
    const arn = await rest.start('maps', 'm', [1, 2, 3]);
    await rest.ended(arn);
    const { body } = await rest.get(`/executions/${of(arn)}/map-runs`);
    const [mapRun] = body['mapRuns'] as { mapRunArn: string }[];
    const common = { executionArn: arn, startDate: instant, stopDate: instant };
    expect(mapRun).toMatchObject({ ...common, stateMachineArn: machineArn('maps') });
    const told = await rest.get(`/map-runs/${of(mapRun?.mapRunArn ?? '')}`);
    expect(told.body).toMatchObject({ ...common, status: 'SUCCEEDED', itemCounts: { succeeded: 3, total: 3 } });
    const none = await rest.get(`/map-runs/${of(`${mapRun?.mapRunArn}x`)}`);
    expect(none).toMatchObject(problem(404, 'ResourceNotFound'));
  });
});

describe('state machines', () => {
  test('createStateMachine: creates one, and getStateMachine tells it', async () => {
    const asked = { name: 'created', definition: PASSES, roleArn: ROLE, publish: true };
    const { status, headers, body } = await rest.send('POST', '/state-machines', asked);
    const arn = machineArn('created');
    expect([status, headers['location']]).toEqual([201, `/api/v1/state-machines/${of(arn)}`]);
    expect(body).toEqual({ stateMachineArn: arn, creationDate: instant, stateMachineVersionArn: `${arn}:1` });
    const told = await rest.get(`/state-machines/${of(arn)}`);
    expect(told.body).toMatchObject({ name: 'created', type: 'STANDARD', definition: JSON.stringify(PASSES) });
    const etag = String(told.headers['etag']);
    expect((await rest.get(`/state-machines/${of(arn)}`, { 'if-none-match': etag })).status).toBe(304);
    const invalid = await rest.send('POST', '/state-machines', { ...asked, name: 'invalid', definition: {} });
    expect(invalid).toMatchObject(problem(400, 'InvalidDefinition'));
    const other = await rest.send('POST', '/state-machines', { ...asked, definition: FAILS });
    expect(other).toMatchObject(problem(409, 'StateMachineAlreadyExists'));
  });

  test('updateStateMachine: changes what is given', async () => {
    const arn = await rest.create('updated', PASSES);
    const { status, body } = await rest.send('PUT', `/state-machines/${of(arn)}`, { definition: FAILS });
    expect([status, body]).toEqual([200, { updateDate: instant, revisionId: expect.any(String) }]);
    const { definition, roleArn } = (await rest.get(`/state-machines/${of(arn)}`)).body;
    expect([definition, roleArn]).toEqual([JSON.stringify(FAILS), ROLE]);
    const none = await rest.send('PUT', `/state-machines/${of(arn)}`, {});
    expect(none).toMatchObject(problem(400, 'MissingRequiredParameter'));
  });

  test('listStateMachines: pages by name', async () => {
    const { body } = await rest.get('/state-machines?maxResults=1');
    const next = await rest.get(`/state-machines?maxResults=1&nextToken=${body['nextToken']}`);
    const [[first], [second]] = [body, next.body].map((page) => page['stateMachines'] as { name: string }[]) as [
      { name: string }[],
      { name: string }[],
    ];
    expect(String(first?.name) < String(second?.name)).toBe(true);
    expect(first).toMatchObject({ creationDate: instant, type: 'STANDARD' });
  });

  test('listStateMachineVersions: and listStateMachineAliases: tell what is published', async () => {
    const asked = { name: 'published', definition: PASSES, roleArn: ROLE, publish: true };
    await rest.send('POST', '/state-machines', asked);
    const path = `/state-machines/${of(machineArn('published'))}`;
    const stateMachineVersionArn = `${machineArn('published')}:1`;
    expect((await rest.get(`${path}/versions`)).body).toEqual({
      stateMachineVersions: [{ stateMachineVersionArn, creationDate: instant }],
    });
    expect((await rest.get(`${path}/aliases`)).body).toEqual({ stateMachineAliases: [] });
    const none = await rest.get(`/state-machines/${of(machineArn('none'))}/aliases`);
    expect(none).toMatchObject(problem(404, 'StateMachineDoesNotExist'));
  });

  test('putSearchAttributes: replaces them, and getSearchAttributes: tells them', async () => {
    const arn = await rest.create('searched', PASSES);
    const path = `/state-machines/${of(arn)}/search-attributes`;
    expect((await rest.get(path)).body).toEqual({ searchAttributes: {} });
    const wanted = { searchAttributes: { customer: '$.customer.id' } };
    expect((await rest.send('PUT', path, wanted)).body).toEqual(wanted);
    expect((await rest.get(path)).body).toEqual(wanted);
    const wrong = await rest.send('PUT', path, { searchAttributes: { '1st': '$.x' } });
    expect(wrong).toMatchObject(problem(400, 'ValidationException'));
  });
});

describe('definitions', () => {
  test('validateDefinition: tells what is wrong', async () => {
    const ask = async (definition: unknown) => (await rest.send('POST', '/definitions/validate', { definition })).body;
    expect(await ask(PASSES)).toEqual({ result: 'OK', diagnostics: [], truncated: false });
    expect(await ask(JSON.stringify({ StartAt: 'A', States: {} }))).toMatchObject({ result: 'FAIL' });
  });

  test('exploreDefinition: tells what can happen', async () => {
    const explored = await rest.send('POST', '/definitions/explore', { definition: waitsFor('x') });
    expect(explored.body).toMatchObject({ reached: ['Work'], unreachable: [], bounded: { reached: false } });
    const invalid = await rest.send('POST', '/definitions/explore', { definition: { StartAt: 'A', States: {} } });
    expect(invalid).toMatchObject(problem(400, 'InvalidDefinition'));
    const huge = await rest.send('POST', '/definitions/explore', { definition: 'x'.repeat(1_048_577) });
    expect(huge).toMatchObject(problem(400, 'ValidationException'));
  });
});

describe('what is no operation', () => {
  test('is told as a problem: no such path, another method, another type of body, no JSON', async () => {
    expect(await rest.get('/nothing')).toMatchObject(problem(404, 'ResourceNotFound'));
    const wrong = await rest.send('DELETE', '/counts');
    expect(wrong).toMatchObject(problem(405, 'MethodNotAllowed'));
    expect(wrong.headers['allow']).toBe('GET, HEAD, OPTIONS');
    const text = await rest.send('POST', '/executions', {}, { 'content-type': 'text/plain' });
    expect(text).toMatchObject(problem(415, 'UnsupportedMediaType'));
    const half = await rest.send('POST', '/executions', undefined, { 'content-type': 'application/json' });
    expect(half).toMatchObject(problem(400, 'SerializationException'));
  });

  test('OPTIONS tells the methods, HEAD the headers', async () => {
    const options = await rest.send('OPTIONS', `/state-machines/${of(machineArn('passes'))}`);
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS, PUT']);
    const head = await rest.send('HEAD', '/counts');
    expect([head.status, head.text]).toEqual([200, '']);
  });
});
