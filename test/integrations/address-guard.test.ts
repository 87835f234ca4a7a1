import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgents, isPrivateAddress, publicLookup } from '../../engine/integrations/address-guard.ts';
import { post } from '../../engine/integrations/http-post.ts';

describe('an address', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:0:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '64:ff9b::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  test.each([
    '1.1.1.1',
    '100.63.255.255',
    '172.32.0.1',
    '192.167.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('a request', () => {
  let server: Server;
  let requests = 0;
  let port = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());
  const send = (url: string, allowed: boolean) =>
    post({ url, headers: {}, body: '', maxBytes: 10, signal: AbortSignal.timeout(5000) }, createAgents(allowed));

  test.each([
    ['http://127.0.0.1', '127.0.0.1'],
    ['https://127.0.0.1', '127.0.0.1'],
    ['http://2130706433', '127.0.0.1'],
    ['http://[::ffff:127.0.0.1]', '::ffff:7f00:1'],
    ['http://localhost', 'localhost'],
    ['https://localhost', 'localhost'],
  ])('to %s is refused before anything is sent', async (base, host) => {
    const before = requests;
    await expect(send(`${base}:${port}/`, false)).rejects.toThrow(`${host}`);
    await expect(send(`${base}:${port}/`, false)).rejects.toThrow('private network');
    expect(requests).toBe(before);
  });

  test('goes to private addresses when that is allowed', async () => {
    expect((await send(`http://127.0.0.1:${port}/`, true)).status).toBe(200);
  });
});

test('a name is looked up in the form that was asked for', async () => {
  const found = (all: boolean) =>
    new Promise((resolve) => {
      publicLookup('1.1.1.1', { all }, (error, address, family) => resolve([error, address, family]));
    });
  expect(await found(false)).toEqual([null, '1.1.1.1', 4]);
  expect(await found(true)).toEqual([null, [{ address: '1.1.1.1', family: 4 }], undefined]);
});
