import { hash } from 'node:crypto';
import type { ExecutionId } from '../../schemas/task.ts';

/** The first 16 bytes of the ARN's SHA-256: short enough for every key that names the execution. */
export const executionId = (executionArn: string): ExecutionId =>
  hash('sha256', executionArn, 'buffer').subarray(0, 16).toString('base64url') as ExecutionId;

/** The shard of an execution, for ever: all its keys live there. */
export const shardOf = (id: ExecutionId, count: number): number =>
  Buffer.from(id.slice(0, 6), 'base64url').readUInt32BE() % count;
