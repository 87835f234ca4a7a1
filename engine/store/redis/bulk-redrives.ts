import type { Redis } from 'ioredis';
import {
  type AskedBulkRedrive,
  type BulkRedrive,
  type BulkRedriveEnd,
  type BulkRedriveStore,
  type ClaimedBulkRedrive,
  ENDED_MS,
} from '../bulk-redrive-store.ts';
import { pack, unpack } from './codec.ts';
import type { RegistryKeys } from './keys.ts';
import { asBuffer, asList, asNumber, asText, call, type Reply, run, scripts } from './scripts.ts';

export class RedisBulkRedrives implements BulkRedriveStore {
  readonly #redis: Redis;
  readonly #keys: RegistryKeys;

  constructor(redis: Redis, keys: RegistryKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async create({ id, stateMachineArn, asked, progress }: AskedBulkRedrive): Promise<string> {
    const args = [id, stateMachineArn, pack(asked), pack(progress)];
    return asText(await run(this.#redis, scripts.createBulkRedrive, this.#all(id), args));
  }

  async describe(id: string): Promise<BulkRedrive | undefined> {
    return decode(id, await call(this.#redis, 'HMGET', [this.#keys.bulkRedrive(id), 'm', 'a', 'p', 'c', 's', 'x']));
  }

  async cancel(id: string): Promise<boolean> {
    return (await run(this.#redis, scripts.cancelBulkRedrive, [this.#keys.bulkRedrive(id)], [])) === 1;
  }

  async claim(leaseMs: number): Promise<ClaimedBulkRedrive | undefined> {
    const { openBulkRedrives: open } = this.#keys;
    const [, due] = asList(await run(this.#redis, scripts.due, [open], [0, 1]));
    const [first] = asList(due);
    if (first === undefined) return undefined;
    const id = asText(first);
    const claimed = await run(this.#redis, scripts.claimBulkRedrive, [this.#keys.bulkRedrive(id), open], [id, leaseMs]);
    if (claimed === null) return undefined;
    const [epoch, fields] = asList(claimed);
    const bulk = decode(id, fields);
    return bulk && { ...bulk, epoch: asNumber(epoch) };
  }

  async save(
    { id, stateMachineArn, epoch }: Pick<ClaimedBulkRedrive, 'id' | 'stateMachineArn' | 'epoch'>,
    progress: string,
    leaseMs: number,
    end?: BulkRedriveEnd,
  ): Promise<'saved' | 'cancelled' | 'lost'> {
    const args = [id, stateMachineArn, epoch, pack(progress), leaseMs, end ?? '', ENDED_MS];
    const kept = await run(this.#redis, scripts.saveBulkRedrive, this.#all(id), args);
    if (kept === 0) return 'lost';
    return kept === 1 ? 'saved' : 'cancelled';
  }

  #all(id: string): string[] {
    const { bulkRedrive, openBulkRedrives, bulkRedrivesOf } = this.#keys;
    return [bulkRedrive(id), openBulkRedrives, bulkRedrivesOf];
  }
}

function decode(id: string, fields: Reply | undefined): BulkRedrive | undefined {
  const [machine, asked, progress, created, status, cancelled] = asList(fields);
  if (!Buffer.isBuffer(machine)) return undefined;
  return {
    id,
    stateMachineArn: asText(machine),
    asked: unpack(asBuffer(asked)),
    progress: unpack(asBuffer(progress)),
    createdMs: Number(asText(created)),
    status: asText(status) as BulkRedrive['status'],
    cancelled: asText(cancelled) !== '',
  };
}
