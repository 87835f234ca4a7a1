import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { type LocalSystem, startLocally } from '../../faults/support/local-system.ts';
import { useRedis } from '../../support/redis.ts';
import { type Answer, send } from '../support/running-api.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/any';
const SCOPE = 'us-east-1:000000000000';
export const machineArn = (name: string): string => `arn:aws:states:${SCOPE}:stateMachine:${name}`;
export const executionArn = (machine: string, name: string): string =>
  `arn:aws:states:${SCOPE}:execution:${machine}:${name}`;
export const activityArn = (name: string): string => `arn:aws:states:${SCOPE}:activity:${name}`;

/** Machines of one state. */
export const PASSES = { StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } };
export const FAILS = { StartAt: 'Fail', States: { Fail: { Type: 'Fail', Error: 'Refused', Cause: 'because' } } };
export const waitsFor = (activity: string) => ({
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: activityArn(activity), End: true } },
});

/** Asks until the answer is as expected. On a busy machine that may take a while. */
export const eventually = <T>(ask: () => T) => expect.poll(ask, { timeout: 20_000 });

/** A client of the REST API. */
export class Rest {
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return send(this.port, 'GET', '', headers, `/api/v1${path}`);
  }

  /** With a body of JSON, if any. */
  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const type = body === undefined ? undefined : { 'content-type': 'application/json' };
    const text = body === undefined ? '' : JSON.stringify(body);
    return send(this.port, method, text, { ...type, ...headers }, `/api/v1${path}`);
  }

  async create(name: string, definition: object): Promise<string> {
    const { status, body } = await this.send('POST', '/state-machines', { name, definition, roleArn: ROLE });
    expect(status).toBe(201);
    return String(body['stateMachineArn']);
  }

  async start(machine: string, name: string, input: unknown = {}): Promise<string> {
    const { status, body } = await this.send('POST', '/executions', {
      stateMachineArn: machineArn(machine),
      name,
      input,
    });
    expect(status).toBe(201);
    return String(body['executionArn']);
  }

  /** Waits until it has ended. */
  async ended(arn: string): Promise<Record<string, unknown>> {
    const read = async () => (await this.get(`/executions/${encodeURIComponent(arn)}`)).body;
    await eventually(async () => (await read())['status']).not.toBe('RUNNING');
    return read();
  }

  follow(path: string, headers: Record<string, string> = {}): Promise<Followed> {
    return Followed.open(this.port, `/api/v1${path}`, headers);
  }
}

export interface SentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

/** A stream as a browser reads it. */
export class Followed {
  readonly response: IncomingMessage;
  readonly events: SentEvent[] = [];
  /** Resolves when the server has ended it, or it was cut. */
  readonly closed: Promise<unknown>;
  /** Comments, which say that the stream is alive. */
  beats = 0;
  readonly #request: ClientRequest;
  #rest = '';

  private constructor(outgoing: ClientRequest, response: IncomingMessage) {
    this.#request = outgoing;
    this.response = response;
    response.on('error', () => undefined);
    this.closed = new Promise((resolve) => response.once('close', resolve));
  }

  static async open(port: number, path: string, headers: Record<string, string>): Promise<Followed> {
    const outgoing = request({ port, path, headers, host: '127.0.0.1', agent: false });
    outgoing.on('error', () => undefined);
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const followed = new Followed(outgoing, response);
    response.setEncoding('utf8');
    response.on('data', (text: string) => followed.#take(text));
    return followed;
  }

  names(): (string | undefined)[] {
    return this.events.map(({ event }) => event);
  }

  ids(): (string | undefined)[] {
    return this.events.map(({ id }) => id);
  }

  async until(event: string): Promise<void> {
    await eventually(() => this.names()).toContain(event);
  }

  /** Stops reading. */
  stall(): void {
    this.response.pause();
  }

  cut(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const frames = (this.#rest + text).split('\n\n');
    this.#rest = frames.pop() ?? '';
    for (const frame of frames) {
      const fields = new Map(frame.split('\n').map((line) => splitLine(line)));
      if (fields.has('')) this.beats += 1;
      const [id, event, data] = ['id', 'event', 'data'].map((name) => fields.get(name));
      if (data === undefined) continue;
      this.events.push({ ...(id && { id }), ...(event && { event }), data: JSON.parse(data) });
    }
  }
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}

/** A whole server over a Redis of its own, for the tests of a file. */
export function useSystem(env: Readonly<Record<string, string>> = {}): {
  readonly rest: Rest;
  readonly redisUrl: string;
} {
  const redis = useRedis();
  const started: { system?: LocalSystem } = {};
  beforeAll(async () => {
    started.system = await startLocally(redis.url, env);
  });
  afterAll(() => started.system?.stop());
  return {
    get rest() {
      return new Rest(portOf(started.system));
    },
    redisUrl: redis.url,
  };
}

export const portOf = (system: LocalSystem | undefined): number => Number(new URL(system?.url ?? '').port);
