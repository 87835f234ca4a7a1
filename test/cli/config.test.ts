import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Config, type ConfigResult, type Flags, isLoopback, readConfig, SETTINGS } from '../../schemas/config.ts';

const read = (env: Record<string, string>, flags: Flags = {}): Config => {
  const result = readConfig(env, flags);
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
};

const problemsOf = (result: ConfigResult): readonly string[] => (result.ok ? [] : result.problems);

describe('readConfig', () => {
  test('gives every setting its default when nothing is set', () => {
    const defaults = Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]);
    expect(read({})).toEqual(Object.fromEntries(defaults));
  });

  test('reads the environment, and a flag wins over it', () => {
    const env = { PORT: '9000', STEPYARD_FSYNC: 'always', WAIT_TIME_SCALE: '0.5', STEPYARD_DATA: '/data' };
    expect(read(env, { port: '9001' })).toMatchObject({
      port: 9001,
      fsync: 'always',
      waitTimeScale: 0.5,
      dataDir: '/data',
    });
  });

  test('takes an empty variable for an unset one', () => {
    expect(read({ PORT: '', REDIS_URL: '' })).toMatchObject({ port: 8083, redisUrl: undefined });
  });

  test.each(['redis://localhost:6379', 'rediss://user:secret@redis.example/2', 'unix:///run/redis.sock'])(
    'takes %s as an address of Redis',
    (url) => expect(read({ REDIS_URL: url }).redisUrl).toBe(url),
  );

  test('tells of all problems at once, each by the name that the person used', () => {
    const result = readConfig(
      { PORT: '70000', STEPYARD_SHARDS: '1.5', STEPYARD_ROLE: 'boss', REDIS_URL: 'localhost' },
      { accountId: '42', leaseMs: '' },
    );
    expect(problemsOf(result)).toEqual([
      'PORT must be a whole number from 0 to 65535, not "70000"',
      'REDIS_URL must begin with redis://, rediss:// or unix://, not "localhost"',
      'STEPYARD_ROLE must be one of all, api, engine, worker, not "boss"',
      'STEPYARD_SHARDS must be a whole number from 1 to 1024, not "1.5"',
      '--lease-ms must be a whole number from 100 to 600000, not ""',
      '--account-id must be twelve digits, not "42"',
    ]);
  });

  test('does not take a name from Object.prototype for a boolean', () => {
    expect(problemsOf(readConfig({ STEPYARD_ALLOW_INSECURE: 'constructor' }))).toHaveLength(1);
  });

  test('does not show a secret that is wrong', () => {
    expect(problemsOf(readConfig({ STEPYARD_SECRET_KEY: 'too short' }))).toEqual([
      'STEPYARD_SECRET_KEY must be a text of 32 characters or more, drawn at random',
    ]);
  });

  test.each(['*', 'console.example', 'https://console.example/', 'https://a.example, https://b.example'])(
    'does not take %j for origins',
    (origins) => expect(problemsOf(readConfig({ STEPYARD_CORS_ORIGINS: origins }))).toHaveLength(1),
  );

  test('has types that follow the table', () => {
    expectTypeOf<Config['port']>().toEqualTypeOf<number>();
    expectTypeOf<Config['role']>().toEqualTypeOf<'all' | 'api' | 'engine' | 'worker'>();
    expectTypeOf<Config['redisUrl']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Config['allowInsecure']>().toEqualTypeOf<boolean>();
  });

  test('names no flag and no variable twice', () => {
    const names = Object.values(SETTINGS).flatMap(({ flag, env }) => [flag, env]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a host', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('%s is for this machine alone', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each(['0.0.0.0', '::', '10.0.0.5', 'stepyard.example', '127.0.0.1.example'])('%s is for others, too', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
