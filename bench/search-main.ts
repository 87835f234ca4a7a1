import { parseArgs } from 'node:util';
import { PrivateRedis } from './private-redis.ts';
import { searchRound, searchTitle } from './search.ts';

/** `node bench/search-main.ts [--executions 1000000] [--times 200]`: what it takes to find executions among many. */

const { values } = parseArgs({
  options: { executions: { type: 'string', default: '1000000' }, times: { type: 'string', default: '200' } },
});

// Only an exit ends Redis with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const executions = Number(values.executions);
const redis = await PrivateRedis.start('everysec');
try {
  const { queries, seedSeconds, bytesPerExecution } = await searchRound(redis, executions, Number(values.times));
  console.log(
    `${searchTitle(executions)}; ${Math.round(bytesPerExecution)} bytes each, written in ${Math.round(seedSeconds)} s\n`,
  );
  console.log('| query | p50 ms | p95 ms | p99 ms | rows |\n| --- | ---: | ---: | ---: | ---: |');
  for (const { name, p50Ms, p95Ms, p99Ms, rows } of queries) {
    console.log(`| ${name} | ${p50Ms.toFixed(1)} | ${p95Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${rows.toFixed(0)} |`);
  }
} finally {
  await redis.stop();
}
