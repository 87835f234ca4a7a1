/** How the store stands, for whoever looks after it: cheap enough for every few seconds, and on the way of no request. */
export interface StoreStatistics {
  /** How much lies in each of these shards. */
  shards(numbers: readonly number[]): Promise<readonly ShardStatistics[]>;
  /** How many executions of each machine are open in these shards, in the order of the machines. */
  openExecutions(stateMachineArns: readonly string[], shards: readonly number[]): Promise<readonly number[]>;
  /**
   * How the server stands that keeps everything.
   *
   * @param tryWriting whether it is to be found out if it takes writes: that writes something that goes by itself
   */
  condition(tryWriting: boolean): Promise<StoreCondition>;
}

/** Of one shard, at one instant of the store's clock. */
export interface ShardStatistics {
  readonly shard: number;
  /** Whose it is, and for how long unless the lease is renewed; undefined when it is nobody's. */
  readonly lease: { readonly owner: string; readonly leftMs: number } | undefined;
  /** Stimuli that are not consumed, and how long the oldest has waited. */
  readonly inbox: { readonly entries: number; readonly oldestMs: number };
  /** Tasks that no worker has started. */
  readonly outboxTasks: number;
  /** Timers that are set, and those of them that are due. */
  readonly timers: number;
  readonly timersDue: number;
}

/** What is undefined, the server does not tell. */
export interface StoreCondition {
  /** `Redis 7.2.4`. */
  readonly server: string;
  /** Whether what is written survives the end of the server, and whether its last attempt to write that down worked. */
  readonly persistence: { readonly log: boolean; readonly lastWriteOk: boolean } | undefined;
  /** What it does when its memory is full: only `noeviction` loses nothing. */
  readonly evictionPolicy: string | undefined;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number | undefined } | undefined;
  /** Why it takes no writes, when that was tried. */
  readonly refusal: string | undefined;
  /** Its clock, in epoch milliseconds, and how long it took to answer. */
  readonly clockMs: number;
  readonly roundTripMs: number;
}
