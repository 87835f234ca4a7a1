import {
  type AskedBulkRedrive,
  type BulkRedrive,
  type BulkRedriveEnd,
  type BulkRedriveStore,
  type ClaimedBulkRedrive,
  ENDED_MS,
} from '../bulk-redrive-store.ts';
import type { StoreClock } from './clock.ts';

interface Kept extends BulkRedrive {
  epoch: number;
  leaseEndMs: number;
  status: BulkRedrive['status'];
  cancelled: boolean;
  progress: string;
  /** When it is forgotten. */
  goneMs: number;
}

export class MemoryBulkRedrives implements BulkRedriveStore {
  readonly #clock: StoreClock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async create(asked: AskedBulkRedrive): Promise<string> {
    if (this.#find(asked.id)) return asked.id;
    const running = [...this.#live()].find(
      ({ status, stateMachineArn }) => status === 'RUNNING' && stateMachineArn === asked.stateMachineArn,
    );
    if (running) return running.id;
    const createdMs = this.#clock.now();
    const begun = { epoch: 0, leaseEndMs: 0, cancelled: false, goneMs: Number.POSITIVE_INFINITY };
    this.#kept.set(asked.id, { ...asked, createdMs, status: 'RUNNING', ...begun });
    return asked.id;
  }

  async describe(id: string): Promise<BulkRedrive | undefined> {
    const kept = this.#find(id);
    return kept && told(kept);
  }

  async cancel(id: string): Promise<boolean> {
    const kept = this.#find(id);
    if (kept?.status === 'RUNNING') kept.cancelled = true;
    return kept !== undefined;
  }

  async claim(leaseMs: number): Promise<ClaimedBulkRedrive | undefined> {
    const now = this.#clock.now();
    const free = [...this.#live()].find(({ status, leaseEndMs }) => status === 'RUNNING' && leaseEndMs <= now);
    if (!free) return undefined;
    free.epoch += 1;
    free.leaseEndMs = now + leaseMs;
    return { ...told(free), epoch: free.epoch };
  }

  async save(
    { id, epoch }: Pick<ClaimedBulkRedrive, 'id' | 'epoch'>,
    progress: string,
    leaseMs: number,
    end?: BulkRedriveEnd,
  ): Promise<'saved' | 'cancelled' | 'lost'> {
    const kept = this.#find(id);
    if (kept?.epoch !== epoch || kept.status !== 'RUNNING') return 'lost';
    const now = this.#clock.now();
    kept.progress = progress;
    kept.leaseEndMs = now + leaseMs;
    if (end) {
      kept.status = end;
      kept.goneMs = now + ENDED_MS;
    }
    return kept.cancelled ? 'cancelled' : 'saved';
  }

  #find(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    return kept && kept.goneMs > this.#clock.now() ? kept : undefined;
  }

  *#live(): Generator<Kept> {
    for (const [id, kept] of this.#kept) {
      if (kept.goneMs > this.#clock.now()) yield kept;
      else this.#kept.delete(id);
    }
  }
}

const told = ({ id, stateMachineArn, asked, progress, createdMs, status, cancelled }: Kept): BulkRedrive => ({
  id,
  stateMachineArn,
  asked,
  progress,
  createdMs,
  status,
  cancelled,
});
