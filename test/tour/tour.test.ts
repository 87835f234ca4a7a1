import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../api/operations/index.ts';
import { type System, startSystem } from '../../cli/system.ts';
import { readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';
import { boto3Caller, type Caller, type Credentials, cliCaller, hasBoto3, hasCli, sdkCaller } from './callers.ts';
import { takeTour } from './tour.ts';

/** Every operation, by each client of AWS that is here, against a whole system that checks what they sign. */

const { url: redisUrl } = useRedis();
const SECRET_KEY = randomBytes(32).toString('base64');
let system: System;
let credentials: Credentials;
beforeAll(async () => {
  credentials = await createKey();
  const read = readConfig({ STEPYARD_SECRET_KEY: SECRET_KEY }, { port: '0' });
  if (!read.ok) throw new Error(read.problems.join());
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  system = await startSystem(read.config, redisUrl, silent);
});
afterAll(() => system.stop());

async function createKey(): Promise<Credentials> {
  const main = new URL('../../cli/main.ts', import.meta.url).pathname;
  const env = { ...process.env, REDIS_URL: `unix://${redisUrl}`, STEPYARD_SECRET_KEY: SECRET_KEY };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'keys', 'create', '--role', 'admin', '--json'],
    { env },
  );
  return JSON.parse(stdout) as Credentials;
}

const CLIENTS = [
  { client: 'the AWS SDK for JavaScript', name: 'sdk', open: sdkCaller, isHere: () => true },
  { client: 'the AWS CLI', name: 'cli', open: cliCaller, isHere: hasCli },
  { client: 'boto3', name: 'boto3', open: boto3Caller, isHere: hasBoto3 },
];

describe.each(CLIENTS)('$client', ({ name, open, isHere }) => {
  test.skipIf(!isHere())('goes through all operations', { timeout: 180_000 }, async () => {
    const called = new Set<string>();
    const caller: Caller = open(system.url ?? '', credentials);
    try {
      await takeTour((operation, input) => {
        called.add(operation);
        return caller.call(operation, input);
      }, name);
    } finally {
      caller.close();
    }
    expect([...called].sort()).toEqual(OPERATIONS.map((operation) => operation.name).sort());
  });
});
