import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../api/operations/index.ts';
import { type RunningApi, runApi, send } from './support/running-api.ts';

/** Whatever is sent gets an error of AWS's, in AWS's words where they are known, and never a 500. */

const SCOPE = 'arn:aws:states:us-east-1:000000000000';
const JSON_1_0 = { 'content-type': 'application/x-amz-json-1.0' };

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(async () => {
  expect(api.logged).toEqual([]);
  await api.close();
});

const DEFINITION = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}';

const MAP_RUN = `${SCOPE}:mapRun:m/each:0a1b2c3d-0000-4000-8000-000000000000`;

/** An input of each operation with which nothing is wrong. */
const GOOD: Record<string, Record<string, unknown>> = {
  CreateActivity: { name: 'a' },
  CreateStateMachine: { name: 'm', definition: DEFINITION, roleArn: 'arn:aws:iam::000000000000:role/r' },
  CreateStateMachineAlias: {
    name: 'a',
    routingConfiguration: [{ stateMachineVersionArn: `${SCOPE}:stateMachine:m:1`, weight: 100 }],
  },
  DeleteActivity: { activityArn: `${SCOPE}:activity:a` },
  DeleteStateMachine: { stateMachineArn: `${SCOPE}:stateMachine:none` },
  DeleteStateMachineAlias: { stateMachineAliasArn: `${SCOPE}:stateMachine:m:a` },
  DeleteStateMachineVersion: { stateMachineVersionArn: `${SCOPE}:stateMachine:m:1` },
  DescribeActivity: { activityArn: `${SCOPE}:activity:a` },
  DescribeExecution: { executionArn: `${SCOPE}:execution:m:e` },
  DescribeMapRun: { mapRunArn: MAP_RUN },
  DescribeStateMachine: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  DescribeStateMachineAlias: { stateMachineAliasArn: `${SCOPE}:stateMachine:m:a` },
  DescribeStateMachineForExecution: { executionArn: `${SCOPE}:execution:m:e` },
  GetActivityTask: { activityArn: `${SCOPE}:activity:none` },
  GetExecutionHistory: { executionArn: `${SCOPE}:execution:m:e` },
  ListActivities: {},
  ListExecutions: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  ListMapRuns: { executionArn: `${SCOPE}:execution:m:e` },
  ListStateMachineAliases: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  ListStateMachineVersions: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  ListStateMachines: {},
  ListTagsForResource: { resourceArn: `${SCOPE}:stateMachine:m` },
  PublishStateMachineVersion: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  RedriveExecution: { executionArn: `${SCOPE}:execution:m:e` },
  SendTaskFailure: { taskToken: 't' },
  SendTaskHeartbeat: { taskToken: 't' },
  SendTaskSuccess: { taskToken: 't', output: '{}' },
  StartExecution: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  StartSyncExecution: { stateMachineArn: `${SCOPE}:stateMachine:m` },
  StopExecution: { executionArn: `${SCOPE}:execution:m:e` },
  TagResource: { resourceArn: `${SCOPE}:stateMachine:m`, tags: [] },
  TestState: { definition: '{"Type":"Succeed"}' },
  UntagResource: { resourceArn: `${SCOPE}:stateMachine:m`, tagKeys: [] },
  UpdateMapRun: { mapRunArn: MAP_RUN },
  UpdateStateMachine: { stateMachineArn: `${SCOPE}:stateMachine:m`, definition: DEFINITION },
  UpdateStateMachineAlias: { stateMachineAliasArn: `${SCOPE}:stateMachine:m:a`, description: 'd' },
  ValidateStateMachineDefinition: { definition: DEFINITION },
};

/** A member of an operation's input, read from its schema. */
interface Member {
  readonly operation: string;
  readonly member: string;
  readonly required: boolean;
  readonly schema: {
    readonly type?: string;
    readonly maxLength?: number;
    readonly minLength?: number;
    readonly sensitive?: boolean;
    readonly enum?: readonly string[];
    readonly maximum?: number;
    readonly pattern?: string;
  };
}

const members: Member[] = OPERATIONS.flatMap(({ name, input }) =>
  Object.entries(input.properties).map(([member, schema]) => ({
    operation: name,
    member,
    required: (input.required ?? []).some((required: string) => required === member),
    schema: schema as Member['schema'],
  })),
);

const where = ({ member, schema }: Member, value: string, errors = '1 validation error') =>
  `${errors} detected: Value ${schema.sensitive ? '' : `${value} `}at '${member}' failed to satisfy constraint:`;

const refusal = async (operation: string, change: Record<string, unknown>) => {
  const { status, body, headers } = await api.call(operation, { ...GOOD[operation], ...change });
  expect(headers['x-amzn-errortype']).toBe(body['__type']);
  return { status, type: body['__type'], message: body['message'] ?? body['Message'] };
};

describe('every operation', () => {
  test('has an input here', () => {
    expect(Object.keys(GOOD).sort()).toEqual(OPERATIONS.map(({ name }) => name).sort());
  });

  test.each(members.filter(({ required }) => required))('$operation wants $member', async (member) => {
    const message = `${where(member, 'null')} Member must not be null`;
    const expected = { status: 400, type: 'ValidationException', message };
    expect(await refusal(member.operation, { [member.member]: undefined })).toEqual(expected);
    expect(await refusal(member.operation, { [member.member]: null })).toEqual(expected);
  });

  test.each(members)('$operation refuses a mistyped $member', async ({ operation, member, schema }) => {
    const wrong = schema.type === 'string' ? 23 : 'text';
    const message = {
      string: 'NUMBER_VALUE can not be converted to a String',
      integer: 'STRING_VALUE can not be converted to an Integer',
      number: 'STRING_VALUE can not be converted to a Double',
      boolean: 'STRING_VALUE can not be converted to a Boolean',
      array: 'Expected list or null',
      object: 'Expected null',
    }[schema.type ?? ''];
    const answer = await refusal(operation, { [member]: wrong });
    expect(answer).toEqual({ status: 400, type: 'SerializationException', message });
  });

  test.each(members)('$operation refuses a structure or a list as $member', async ({ operation, member, schema }) => {
    if (schema.type !== 'array') {
      const { message } = await refusal(operation, { [member]: [] });
      expect(message).toBe('Start of list found where not expected');
    }
    if (schema.type !== 'object') {
      const { message } = await refusal(operation, { [member]: {} });
      expect(message).toBe('Start of structure or map found where not expected.');
    }
  });

  test.each(members.filter(({ schema }) => schema.maxLength !== undefined))(
    '$operation bounds $member',
    async (member) => {
      const { maxLength = 0 } = member.schema;
      const long = 'x'.repeat(maxLength + 1);
      const { status, type, message } = await refusal(member.operation, { [member.member]: long });
      expect({ status, type }).toEqual({ status: 400, type: 'ValidationException' });
      const shown = where(member, `'${long.slice(0, 4096)}'`);
      expect(message).toBe(`${shown} Member must have length less than or equal to ${maxLength}`);
    },
  );

  test.each(members.filter(({ schema }) => schema.minLength === 1))(
    '$operation wants text in $member',
    async (member) => {
      const { message } = await refusal(member.operation, { [member.member]: '' });
      // A pattern is another constraint that no text at all breaks.
      const [first] = String(message).split('; ');
      const found =
        member.schema.pattern === undefined ? where(member, "''") : where(member, "''", '2 validation errors');
      expect(first).toBe(`${found} Member must have length greater than or equal to 1`);
    },
  );

  test.each(members.filter(({ schema }) => schema.enum))('$operation knows the values of $member', async (member) => {
    const { message } = await refusal(member.operation, { [member.member]: 'NONE' });
    const set = member.schema.enum?.join(', ');
    expect(message).toBe(`${where(member, "'NONE'")} Member must satisfy enum value set: [${set}]`);
  });

  test.each(members.filter(({ schema }) => schema.maximum))('$operation bounds the number $member', async (member) => {
    const { maximum = 0 } = member.schema;
    const tooMany = await refusal(member.operation, { [member.member]: maximum + 1 });
    const bound = `Member must have value less than or equal to ${maximum}`;
    expect(tooMany.message).toBe(`${where(member, `'${maximum + 1}'`)} ${bound}`);
    const tooFew = await refusal(member.operation, { [member.member]: -1 });
    expect(tooFew.message).toBe(`${where(member, "'-1'")} Member must have value greater than or equal to 0`);
  });

  test.each(OPERATIONS.map(({ name }) => name))(
    '%s ignores members that it does not know, and nulls',
    async (operation) => {
      const plain = await api.call(operation, GOOD[operation]);
      const extra = { unknown: { a: [1] }, constructor: 1, toString: null, nextToken: null };
      const odd = await api.call(operation, { ...GOOD[operation], ...extra });
      expect(odd.status).toBe(plain.status);
      expect(odd.body['__type']).toBe(plain.body['__type']);
      expect(odd.status).toBeLessThan(500);
    },
  );
});

describe('constraints', () => {
  test('that fail are told all at once, in the order of members', async () => {
    const { message } = await refusal('CreateStateMachine', {
      name: 'x'.repeat(81),
      roleArn: '',
      definition: undefined,
    });
    expect(message).toBe(
      `3 validation errors detected: Value '${'x'.repeat(81)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80; ` +
        `Value at 'definition' failed to satisfy constraint: Member must not be null; ` +
        `Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  });

  test('inside lists name the item', async () => {
    const { message } = await refusal('CreateActivity', { tags: [{ key: 'a' }, { key: '' }] });
    expect(message).toBe(
      `1 validation error detected: Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  });

  test('come after types', async () => {
    const { type } = await refusal('ListActivities', { maxResults: 'x', nextToken: '' });
    expect(type).toBe('SerializationException');
  });

  test('look at the whole number of a fraction', async () => {
    expect((await api.call('ListActivities', { maxResults: 1.5 })).status).toBe(200);
  });

  test.each([
    ['StartExecution', 'input'],
    ['SendTaskSuccess', 'output'],
  ])('bound payloads in bytes: %s %s', async (operation, member) => {
    const { type, message } = await refusal(operation, { [member]: JSON.stringify('é'.repeat(131_072)) });
    expect({ type, message }).toEqual({
      type: 'ValidationException',
      message: `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding`,
    });
  });

  test('bound definitions', async () => {
    const { message } = await refusal('CreateStateMachine', { definition: ' '.repeat(1_048_577) });
    expect(message).toBe(
      `1 validation error detected: Value at 'definition' failed to satisfy constraint: Member must have length less than or equal to 1048576`,
    );
  });
});

describe('a body', () => {
  const serialization = { __type: 'SerializationException' };
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  test.each([
    ['nothing', ''],
    ['half an object', '{'],
    ['a comma too many', '{"maxResults":1,}'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['two objects', '{}{}'],
    ['10,000 levels', deep(10_000)],
    ['1,000,000 levels', deep(1_000_000)],
    ['an unfinished nest', '['.repeat(500_000)],
    ['a number beyond the doubles', '{"maxResults":1e400}'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
  ])('of %s is refused', async (_what, body) => {
    const answer = await api.post('AWSStepFunctions.ListActivities', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(serialization);
    expect(answer.text).not.toMatch(/\bat .*\.ts|node_modules/);
  });

  test('may be nested and may name any member', async () => {
    const body = `{"a":${deep(900)},"__proto__":{"maxResults":"x"},"constructor":{"prototype":1}}`;
    expect((await api.post('AWSStepFunctions.ListActivities', body)).status).toBe(200);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, 'maxResults')).toBeUndefined();
  });

  test('with a member of its prototype does not count as having the member', async () => {
    const body = '{"__proto__":{"name":"sneaky"}}';
    const { body: error } = await api.post('AWSStepFunctions.CreateActivity', body);
    expect(error['message']).toMatch(/^1 validation error detected: Value null at 'name'/);
  });

  test('of 9 MiB is too large', async () => {
    const answer = await api.post('AWSStepFunctions.ListActivities', `{"a":"${'x'.repeat(9 * 1024 * 1024)}"}`);
    expect(answer.status).toBe(413);
    expect(answer.body['__type']).toBe('RequestEntityTooLargeException');
  });

  test('may have a lone surrogate where it is refused or harmless', async () => {
    const lone = (json: string) => json.replaceAll('?', '\\ud800');
    const named = await api.post('AWSStepFunctions.CreateActivity', lone('{"name":"a?"}'));
    expect(named.body['__type']).toBe('InvalidName');
    const token = await api.post('AWSStepFunctions.SendTaskHeartbeat', lone('{"taskToken":"?"}'));
    expect(token.body['__type']).toBe('InvalidToken');
    const arn = await api.post('AWSStepFunctions.DescribeExecution', lone('{"executionArn":"?"}'));
    expect(arn.body['__type']).toBe('InvalidArn');
  });
});

describe('a request', () => {
  const LIST = { 'x-amz-target': 'AWSStepFunctions.ListActivities' };

  test.each([
    'application/x-amz-json-1.0',
    'application/x-amz-json-1.1',
    'application/json',
    'Application/JSON; charset=utf-8',
  ])('may be of type %s, on any path and host', async (type) => {
    const headers = { ...LIST, 'content-type': type, host: 'sync-states.localhost:1' };
    const answer = await send(api.port, 'POST', '{}', headers, '/any/path?x=1');
    expect(answer.status).toBe(200);
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense', ''])(
    'may not be of type %j',
    async (type) => {
      const answer = await send(api.port, 'POST', '{}', { ...LIST, ...(type && { 'content-type': type }) });
      expect(answer.status).toBe(400);
      expect(answer.body['__type']).toBe('UnknownOperationException');
    },
  );

  test.each([
    'AWSStepFunctions.Nope',
    'AWSStepFunctions.',
    'ListActivities',
    'AWSStepFunctions.listActivities',
    'AWSStepFunctions.__proto__',
    'DynamoDB_20120810.ListTables',
    '',
    undefined,
  ])('for %j names no operation', async (target) => {
    const answer = await api.post(target, '{}');
    expect(answer.status).toBe(400);
    expect(answer.body['__type']).toBe('UnknownOperationException');
    expect(answer.headers['x-amzn-errortype']).toBe('UnknownOperationException');
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'GET'])('by %s finds nothing', async (method) => {
    const answer = await send(api.port, method, '', { ...JSON_1_0, ...LIST }, '/x');
    expect(answer.status).toBe(404);
    expect(answer.body['__type']).toBe('UnknownOperationException');
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('by GET is greeted, and told about health', async () => {
    expect((await send(api.port, 'GET', '', {})).text).toMatch(/^Stepyard/);
    expect((await send(api.port, 'GET', '', {}, '/healthz')).body).toMatchObject({ status: 'ok' });
  });

  test('that is no HTTP gets JSON and is hung up on', async () => {
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"__type":"MalformedHttpRequestException"/s);
    const huge = `POST / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`;
    expect(await raw(huge)).toMatch(/^HTTP\/1\.1 400 .*"__type":"MalformedHttpRequestException"/s);
    expect(await raw('GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 .*Malformed/s,
    );
  });
});

/** Sends bytes and returns all that comes back until the server hangs up. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(api.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
