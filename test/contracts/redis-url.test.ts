import { expect, test } from 'vitest';
import { redisOptions } from '../../engine/store/redis/connect.ts';

test.each([
  ['redis://localhost', { host: 'localhost', port: 6379, db: 0 }],
  ['redis://u%40:p%2Fw@10.0.0.1:7000/3', { host: '10.0.0.1', port: 7000, db: 3, username: 'u@', password: 'p/w' }],
  ['redis://:secret@[::1]:7000', { host: '::1', port: 7000, db: 0, password: 'secret' }],
  ['rediss://h?db=2', { host: 'h', port: 6379, db: 2, tls: {} }],
  ['unix:///var/run/redis%20a.sock', { path: '/var/run/redis a.sock', db: 0 }],
  ['unix:///tmp/r.sock?db=4&password=pw', { path: '/tmp/r.sock', db: 4, password: 'pw' }],
  ['/tmp/r.sock', { path: '/tmp/r.sock' }],
])('%s', (url, options) => {
  expect(redisOptions(url)).toEqual(options);
});

test.each(['localhost:6379', 'http://h', '', 'redis'])('%s is no Redis URL', (url) => {
  expect(() => redisOptions(url)).toThrow(/^The Redis URL /);
});
