import type { MapRunRecord } from '../../schemas/map-run.ts';
import type { EndedExecution, StateMachineRecord } from '../store/store.ts';

/** The lines of an archived execution: a summary, the rest of what is told of it, one for each history event, and the index. */

/** Grows when readers of before could not read what is written now. */
export const FORMAT = 1;

/** Fits a list of many: without the texts that may be large. */
export interface ArchivedSummary {
  readonly format: number;
  readonly execution: Omit<EndedExecution, 'input' | 'output'>;
  readonly events: number;
}

export interface ArchivedData {
  readonly input: string;
  readonly output?: string;
  /** The revision that it ran; absent when that was gone. */
  readonly stateMachine?: StateMachineRecord;
  /** Newest first. */
  readonly mapRuns: readonly MapRunRecord[];
}

export interface ArchiveIndex {
  /** Where the history begins: before it are summary and data. */
  readonly historyAt: number;
  /** Where each block of the history begins, and how many events are before it. */
  readonly blocks: readonly (readonly [at: number, events: number])[];
}
