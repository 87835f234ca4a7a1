import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import { taskQueueContract } from './task-queue.contract.ts';

taskQueueContract('memory', createMemoryTaskQueue);
