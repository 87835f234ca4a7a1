import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../api/operations/index.ts';
import { type System, startSystem } from '../../cli/system.ts';
import { readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';
import { boto3Caller, type Caller, cliCaller, hasBoto3, hasCli, sdkCaller } from './callers.ts';
import { takeTour } from './tour.ts';

/** Every operation, by each client of AWS that is here, against a whole system. */

const { url: redisUrl } = useRedis();
let system: System;
beforeAll(async () => {
  const read = readConfig({}, { port: '0' });
  if (!read.ok) throw new Error(read.problems.join());
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  system = await startSystem(read.config, redisUrl, silent);
});
afterAll(() => system.stop());

const CLIENTS = [
  { client: 'the AWS SDK for JavaScript', name: 'sdk', open: sdkCaller, isHere: () => true },
  { client: 'the AWS CLI', name: 'cli', open: cliCaller, isHere: hasCli },
  { client: 'boto3', name: 'boto3', open: boto3Caller, isHere: hasBoto3 },
];

describe.each(CLIENTS)('$client', ({ name, open, isHere }) => {
  test.skipIf(!isHere())('goes through all operations', { timeout: 180_000 }, async () => {
    const called = new Set<string>();
    const caller: Caller = open(system.url ?? '');
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
