import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newAccessKey } from '../../api/auth/new-key.ts';
import { askRedis } from '../../cli/redis-server.ts';
import { checkKeys, checkStart } from '../../cli/start-checks.ts';
import { StartError } from '../../cli/start-error.ts';
import { startSystem } from '../../cli/system.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import { type Flags, readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';

/** What the settings name is tried before anything starts. */

const check = (flags: Flags): Promise<void> => {
  const result = readConfig({}, { port: '0', ...flags });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return checkStart(result.config);
};

const ignore = (): void => {};

const refused = (message: string) => expect.objectContaining({ message, constructor: StartError });

let taken: Server;
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
beforeAll(async () => {
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterAll(() => {
  taken.close();
});

describe('a port', () => {
  test('that another program has is named, with the setting', async () => {
    const port = portOf(taken);
    await expect(check({ port: String(port) })).rejects.toEqual(
      refused(
        `Port ${port} on 127.0.0.1 is in use by another program: stop that, or choose another port with PORT or --port.`,
      ),
    );
  });

  test('is not asked for by a process without an API', async () => {
    await expect(check({ port: String(portOf(taken)), role: 'engine' })).resolves.toBeUndefined();
  });

  test('of another machine is refused', async () => {
    // Kept for documentation: RFC 5737.
    await expect(check({ host: '192.0.2.1', allowInsecure: true })).rejects.toEqual(
      refused('STEPYARD_HOST (--host) must be an address of this machine, not 192.0.2.1 (EADDRNOTAVAIL).'),
    );
  });
});

describe('an archive', () => {
  test('is named where executions are to go there', async () => {
    await expect(check({ archiveAfterDays: '7' })).rejects.toEqual(
      refused('STEPYARD_ARCHIVE_AFTER_DAYS (--archive-after-days) needs STEPYARD_ARCHIVE (--archive).'),
    );
    await expect(check({ archiveAfterDays: '7', archive: 's3://bucket' })).resolves.toBeUndefined();
  });

  test('is a folder that can be made', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'archive-')), 'file');
    await writeFile(file, '');
    const result = readConfig({}, { archive: `file:${file}/archive` });
    if (!result.ok) throw new Error(result.problems.join('; '));
    await expect(
      startSystem(result.config, 'redis://127.0.0.1:1', { info: ignore, warn: ignore, error: ignore }),
    ).rejects.toThrow(/^STEPYARD_ARCHIVE \(--archive\) is file:.*, which cannot be made: ENOTDIR/);
  });
});

describe('the folder of file: buckets', () => {
  test('must be there, and be a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stepyard-checks-'));
    await writeFile(join(folder, 'file'), '');
    await expect(check({ filesRoot: folder })).resolves.toBeUndefined();
    for (const path of [join(folder, 'none'), join(folder, 'file')]) {
      await expect(check({ filesRoot: path })).rejects.toEqual(
        refused(`STEPYARD_FILES_ROOT (--files-root) must be a folder that exists, not "${path}".`),
      );
    }
    await rm(folder, { recursive: true });
  });
});

describe('Redis', () => {
  const redis = useRedis();
  const ask = (command: string, ...args: string[]) => askRedis(redis.url, command, ...args);

  test('is let go when the port was taken in the meantime', async () => {
    const result = readConfig({}, { port: String(portOf(taken)) });
    if (!result.ok) throw new Error(result.problems.join('; '));
    const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
    await expect(startSystem(result.config, redis.url, log)).rejects.toBeInstanceOf(StartError);
    await expect.poll(() => ask('CLIENT', 'LIST')).not.toContain('name=stepyard');
  });

  test.each([
    ['other machines can reach it', { host: '0.0.0.0' }, false],
    ['something else protects it', { host: '0.0.0.0', allowInsecure: true }, true],
    ['only this machine reaches it', {}, true],
  ])('has no access keys, and %s', async (_what, flags, willDo) => {
    const result = readConfig({}, { port: '0', ...flags });
    if (!result.ok) throw new Error(result.problems.join('; '));
    const checked = checkKeys(result.config, createMemoryStore().accessKeys);
    const words = expect.stringContaining('there are no access keys');
    await (willDo ? checked : expect(checked).rejects.toEqual(refused(words)));
  });

  test('has an access key, so other machines may come', async () => {
    const result = readConfig({}, { host: '0.0.0.0' });
    if (!result.ok) throw new Error(result.problems.join('; '));
    const store = createMemoryStore();
    await store.accessKeys.create(newAccessKey({ role: 'admin', activities: [], creationMs: 0 }, undefined).key);
    await checkKeys(result.config, store.accessKeys);
  });

  test('that answers will do', async () => {
    await expect(check({ redisUrl: `unix://${redis.url}` })).resolves.toBeUndefined();
  });

  test('that does not answer is named, without the password', async () => {
    const told = [
      ['redis://ada:secret@127.0.0.1:1', 'redis://127.0.0.1:1', 'ECONNREFUSED'],
      ['rediss://:secret@127.0.0.1:1/3', 'rediss://127.0.0.1:1/3', 'ECONNREFUSED'],
      ['unix:///none/redis.sock?password=secret', 'unix:///none/redis.sock', 'ENOENT'],
    ] as const;
    const silent = `redis://127.0.0.1:${portOf(taken)}`;
    const checks = told.map(([redisUrl, shown, code]) =>
      expect(check({ redisUrl })).rejects.toEqual(refused(`Redis at ${shown} does not answer (${code}).`)),
    );
    const words = `Redis at ${silent} takes connections but does not answer.`;
    await Promise.all([...checks, expect(check({ redisUrl: silent })).rejects.toEqual(refused(words))]);
  });

  test('that takes no word without TLS is told how to be reached', async () => {
    const closing = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(closing, 'listening');
    onTestFinished(() => void closing.close());
    const redisUrl = `redis://127.0.0.1:${portOf(closing)}`;
    await expect(check({ redisUrl })).rejects.toEqual(
      refused(`Redis at ${redisUrl} closes the connection: if it speaks TLS, its address begins with rediss://.`),
    );
  });

  test.each([
    ['username=ada&password=wrong', 'WRONGPASS invalid username-password pair or user is disabled'],
    ['db=99', 'ERR DB index is out of range'],
  ])('that says no to %s is quoted', async (query, words) => {
    await ask('ACL', 'SETUSER', 'ada', 'on', '>right', '+@all', '~*');
    await expect(check({ redisUrl: `unix://${redis.url}?username=ada&password=right` })).resolves.toBeUndefined();
    await expect(check({ redisUrl: `unix://${redis.url}?${query}` })).rejects.toEqual(
      refused(`Redis at unix://${redis.url} refuses what REDIS_URL asks for: ${words}.`),
    );
  });
});
