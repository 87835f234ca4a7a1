import type { ExpiredExecution, Lease } from '../store/store.ts';
import type { ShardPorts } from './shard-ports.ts';
import { TELEMETRY } from './telemetry.ts';

/** Executions that are looked at together. */
const LIMIT = 100;
/** Of these, how many are archived at a time: each holds a page of its history and a part of its object. */
const ARCHIVED_AT_ONCE = 4;

/** Archives the closed executions of a shard that have been kept long enough, and removes them. What cannot be archived stays. */
export class Retention {
  readonly #lease: Lease;
  readonly #ports: Pick<ShardPorts, 'store' | 'archive' | 'log'>;
  #stopped = false;
  #sweeping: Promise<void> | undefined;

  constructor(lease: Lease, ports: Pick<ShardPorts, 'store' | 'archive' | 'log'>) {
    this.#lease = lease;
    this.#ports = ports;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** One that takes longer than until the next is asked for is not begun twice. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { store, log } = this.#ports;
    const { shard } = this.#lease;
    try {
      while (!this.#stopped) {
        const expired = await store.expired(this.#lease, LIMIT);
        const { kept, failure } = await this.#archive(expired);
        const gone = await store.expire(this.#lease, kept);
        if (failure && !this.#stopped) log.warn({ shard, ...failure }, 'executions could not be archived and stay');
        if (gone === 0 || expired.length < LIMIT || failure) return;
      }
    } catch (error) {
      if (!this.#stopped) log.warn({ shard, err: error }, 'expired executions could not be removed');
    }
  }

  /** Answers those that may go, and why others may not. */
  async #archive(expired: readonly ExpiredExecution[]) {
    const { archive } = this.#ports;
    if (!archive) return { kept: expired };
    const kept: ExpiredExecution[] = [];
    const left = [...expired];
    let failure: { readonly err: unknown; readonly executionArn: string | undefined } | undefined;
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next && !failure && !this.#stopped; next = left.shift()) {
        const { executionArn } = next;
        try {
          await archive.keep(next);
          kept.push(next);
          if (executionArn !== undefined) TELEMETRY.executionArchived.publish({ executionArn });
        } catch (error) {
          failure = { err: error, executionArn };
          TELEMETRY.archiveFailed.publish({ shard: this.#lease.shard, message: String(error) });
        }
      }
    };
    await Promise.all(Array.from({ length: ARCHIVED_AT_ONCE }, work));
    return { kept, failure };
  }
}
