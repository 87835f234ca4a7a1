/**
 * Redrives of many executions, one after another: what was asked, and how far that is. Who works on one has it for the time of a lease; a
 * process that dies leaves it to any other, which goes on from what was saved last.
 */
export interface BulkRedriveStore {
  /**
   * Keeps a new one, for somebody to take.
   *
   * @returns the id of the one that is there now: another one while that of the same machine is under way
   */
  create(asked: AskedBulkRedrive): Promise<string>;
  describe(id: string): Promise<BulkRedrive | undefined>;
  /** Asks for the end of it: whoever works on it hears of that when saving. Nothing when it has ended. False when there is none. */
  cancel(id: string): Promise<boolean>;
  /** Takes one that nobody works on, if there is any. */
  claim(leaseMs: number): Promise<ClaimedBulkRedrive | undefined>;
  /**
   * Keeps how far it is, and the lease for so long: with 0 it is given up.
   *
   * @param end when there is nothing more to do: it is kept for {@link ENDED_MS} from then on
   * @returns `lost` when somebody else has it: nothing was kept
   */
  save(
    claim: Pick<ClaimedBulkRedrive, 'id' | 'stateMachineArn' | 'epoch'>,
    progress: string,
    leaseMs: number,
    end?: BulkRedriveEnd,
  ): Promise<'saved' | 'cancelled' | 'lost'>;
}

export interface AskedBulkRedrive {
  readonly id: string;
  readonly stateMachineArn: string;
  /** What is to be redriven and how: a text that the store does not read. */
  readonly asked: string;
  /** How far it is: another such text. */
  readonly progress: string;
}

export type BulkRedriveEnd = 'COMPLETED' | 'CANCELLED';

export interface BulkRedrive extends AskedBulkRedrive {
  readonly createdMs: number;
  readonly status: 'RUNNING' | BulkRedriveEnd;
  /** It is to end. */
  readonly cancelled: boolean;
}

export interface ClaimedBulkRedrive extends BulkRedrive {
  /** Grows with every claim. */
  readonly epoch: number;
}

/** How long one is told of after its end. */
export const ENDED_MS = 7 * 86_400_000;
