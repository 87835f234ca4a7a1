import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSeal } from '../../api/auth/seal.ts';
import { openAccessKeys } from '../../engine/store/redis/access-keys.ts';
import type { AccessKey } from '../../schemas/access-key.ts';
import { useRedis } from '../support/redis.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const SECRET_KEY = 'a key that only tests seal their secrets with';

const redis = useRedis();
let db = 0;
let url: string;
beforeEach(() => {
  // Database 0 is the one of a private Redis.
  db += 1;
  url = `unix://${redis.url}?db=${db}`;
});

const runWith = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const all = { ...process.env, NO_COLOR: '1', ...env };
    const child = execFile(process.execPath, [main, 'keys', ...args], { env: all }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

const run = (...args: string[]) => runWith({ REDIS_URL: url, STEPYARD_SECRET_KEY: SECRET_KEY }, ...args);

async function stored(at = url): Promise<readonly AccessKey[]> {
  const store = openAccessKeys(at);
  const found = await store.list();
  store.close();
  return found?.keys ?? [];
}

describe('stepyard keys create', () => {
  test('prints a key and its secret once, and keeps what checks them', async () => {
    const { code, stdout, stderr } = await run('create', '--role', 'admin', '--name', 'ana');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, id = ''] = /AWS_ACCESS_KEY_ID=(SYAK[A-Z0-9]{16})\n/.exec(stdout) ?? [];
    const [, secret = ''] = /AWS_SECRET_ACCESS_KEY=([A-Za-z0-9]{40})\n/.exec(stdout) ?? [];
    expect(stdout).toContain(`Authorization: Bearer ${id}.${secret}`);
    const [key] = await stored();
    expect(key).toMatchObject({ id, role: 'admin', name: 'ana', activities: [] });
    expect(JSON.stringify(key)).not.toContain(secret);
    expect(createSeal(SECRET_KEY).open(key?.sealedSecret ?? '', id)).toBe(secret);
    const listed = await run('list', '--json');
    expect(listed.stdout).toContain(id);
    expect(listed.stdout).not.toContain(secret);
  });

  test('takes all that limits a key', async () => {
    const limits = [
      '--activity',
      'arn:aws:states:*:*:activity:a',
      '*',
      '--rate',
      '50',
      '--burst',
      '100',
      '--expires',
      '30d',
    ];
    const { stdout } = await run('create', '--role', 'worker', ...limits, '--bearer-only', '--json');
    const [key] = await stored();
    expect(key).toMatchObject({
      role: 'worker',
      activities: ['arn:aws:states:*:*:activity:a', '*'],
      rate: { perSecond: 50, burst: 100 },
    });
    expect((key?.expiryMs ?? 0) - (key?.creationMs ?? 0)).toBe(30 * 86_400_000);
    expect(key).not.toHaveProperty('sealedSecret');
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      accessKeyId: key?.id,
      bearerOnly: true,
      bearerToken: `${key?.id}.${told.secretAccessKey}`,
    });
  });

  test.each([
    [['--role', 'boss'], 'Allowed choices are admin, operator, worker, reader'],
    [[], "required option '--role <role>'"],
    [['--role', 'worker'], 'needs --activity'],
    [['--role', 'worker', '--activity', 'email-*'], '--activity must be an ARN'],
    [['--role', 'reader', '--activity', '*'], '--activity is for keys of the role worker'],
    [['--role', 'reader', '--burst', '5'], '--burst needs --rate'],
    [['--role', 'reader', '--rate', '0'], 'must be a number from'],
    [['--role', 'reader', '--expires', 'soon'], 'such as 30d'],
    [['--role', 'reader', '--name', 'a\nb'], 'It must have 1 to 64'],
  ])('says what is wrong with %j', async (args, words) => {
    const { code, stdout, stderr } = await run('create', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
    expect(await stored()).toEqual([]);
  });

  test('needs a secret key for what is to sign, when the Redis is not its own', async () => {
    const env = { REDIS_URL: url, STEPYARD_SECRET_KEY: '' };
    expect((await runWith(env, 'create', '--role', 'admin')).stderr).toContain('set STEPYARD_SECRET_KEY');
    expect(await runWith(env, 'create', '--role', 'admin', '--bearer-only')).toMatchObject({ code: 0 });
  });

  test('says which Redis does not answer', async () => {
    const { code, stderr } = await runWith({ REDIS_URL: 'unix:///none/redis.sock' }, 'list');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Redis at unix:///none/redis.sock does not answer (ENOENT).\n',
    });
  });
});

describe('stepyard keys revoke', () => {
  test('forgets the key, and says what that means when it was the last', async () => {
    await run('create', '--role', 'admin');
    await run('create', '--role', 'reader');
    const [first, second] = (await stored()).map(({ id }) => id);
    expect((await run('revoke', first ?? '')).stdout).not.toContain('last');
    expect((await run('revoke', second ?? '')).stdout).toContain('It was the last one');
    expect((await run('list')).stdout).toContain('There are no access keys');
    expect(await run('revoke', first ?? '')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no access key'),
    });
  });
});

describe('a private Redis', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepyard-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is started for the keys when its server does not run, and seals with a key of its own', async () => {
    const env = { REDIS_URL: '', STEPYARD_SECRET_KEY: '', STEPYARD_DATA: join(folder, 'data') };
    const { code, stdout } = await runWith(env, 'create', '--role', 'admin', '--json');
    expect(code).toBe(0);
    const path = join(folder, 'data', 'secret.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const key = await readFile(path, 'utf8');
    const listed = await runWith(env, 'list', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([{ accessKeyId: JSON.parse(stdout).accessKeyId }]);
    expect(await readFile(path, 'utf8')).toBe(key);
  });

  test('is used as it is when it runs', async () => {
    const env = { REDIS_URL: '', STEPYARD_DATA: dirname(redis.url) };
    expect(await runWith(env, 'create', '--role', 'reader', '--bearer-only')).toMatchObject({ code: 0 });
    expect(await stored(`unix://${redis.url}`)).toHaveLength(1);
  });
});
