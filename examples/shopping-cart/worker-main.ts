import { once } from 'node:events';
import { Redis } from 'ioredis';
import { startCartWorkers } from './workers.ts';

/**
 * The shop's workers as a process of their own: as many as there is work for, on as many machines.
 * It may be killed at any moment; on SIGTERM it answers what it has and ends.
 *
 *   STEPYARD_ENDPOINT=http://127.0.0.1:8083 SHOP_REDIS_URL=redis://127.0.0.1:6379 node examples/shopping-cart/worker-main.ts
 */

const endpoint = process.env['STEPYARD_ENDPOINT'] ?? 'http://127.0.0.1:8083';
const redis = new Redis(process.env['SHOP_REDIS_URL'] ?? 'redis://127.0.0.1:6379');
// ioredis connects again by itself; a task that meets a closed connection fails and is tried again.
redis.on('error', () => {});

const onTrouble = (error: unknown): void => console.error(error instanceof Error ? error.message : error);
const workers = await startCartWorkers({ endpoint, redis, onTrouble });
console.log(`ready: cart workers (process ${process.pid}) poll ${endpoint}`);

await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
await workers.stop();
redis.disconnect();
