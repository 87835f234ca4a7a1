import { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import { createBullmqTaskQueue } from '../../engine/tasks/bullmq.ts';
import { useRedis } from '../support/redis.ts';
import { taskQueueContract } from './task-queue.contract.ts';

const redis = useRedis();
const connection = new Redis(redis.url, { lazyConnect: true });
afterAll(() => connection.disconnect());

let made = 0;
taskQueueContract('bullmq', (priorityOf) => {
  made += 1;
  return createBullmqTaskQueue({ connection, prefix: `test-${made}`, ...(priorityOf && { priorityOf }) });
});
