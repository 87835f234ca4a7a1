import { Redis } from 'ioredis';
import { createBullmqTaskQueue } from '../../engine/tasks/bullmq.ts';

/** Run as a process of its own: takes one task, notes something down with it, says so, and holds it until it is killed. */
const [, , path = '', prefix = '', resource = '', lockMs = ''] = process.argv;
const connection = new Redis(path, { lazyConnect: true });
const queue = createBullmqTaskQueue({ connection, prefix, lockMs: Number(lockMs) });
const taken = await queue.take(resource, 60_000, new AbortController().signal);
await taken?.keep('started');
process.send?.(taken?.id.visit);
