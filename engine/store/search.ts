import type { ExecutionRecord, ExecutionStatus, Redrives } from '../../schemas/execution.ts';

/** Looking for executions: the face of the persistence port that knows more than one list. Children of Map Runs are not among them. */
export interface ExecutionSearch {
  /**
   * The executions that meet every condition: newest start first, or by name (in the order of its UTF-8 bytes) when `namePrefix` is
   * given. A page may be short, or empty, and still have a cursor: only so many candidates are looked at for one. Each row
   * tells how its execution stands at this moment. After a text that is no cursor of the same order there is nothing.
   *
   * An execution is found among those of its machine from its start, among all and by its name from its first commit on.
   */
  find(filter: SearchFilter, page: { limit: number; cursor?: string }): Promise<SearchPage>;
  /** How many there are of a machine, or of all machines: of those from their first commits on. */
  counts(stateMachineArn?: string): Promise<ExecutionCounts>;
}

/** Conditions that are left out hold for every execution. */
export type SearchFilter = SharedConditions & (MachineConditions | AllMachines);

interface SharedConditions {
  readonly status?: ExecutionStatus;
  /** Started at this instant or later, in epoch milliseconds. */
  readonly startedAfterMs?: number;
  /** Started before this instant. */
  readonly startedBeforeMs?: number;
  readonly namePrefix?: string;
  /** The name of the error that it ended with, without success. */
  readonly error?: string;
}

interface MachineConditions {
  readonly stateMachineArn: string;
  /** The name of a state that it is in: it is open, and one of its frames stays there. */
  readonly waitingIn?: string;
  /** Values of search attributes (`Registry.setSearchAttributes`) by name: it has all of them. */
  readonly attributes?: SearchAttributes;
}

interface AllMachines {
  readonly stateMachineArn?: undefined;
  readonly waitingIn?: undefined;
  readonly attributes?: undefined;
}

export interface SearchPage {
  readonly executions: readonly FoundExecution[];
  /** For the next page; absent when all has been looked at. */
  readonly cursor?: string;
}

/** A row of a list: without the texts that may be large. */
export type ExecutionSummary = Omit<ExecutionRecord, 'input'> & {
  readonly status: ExecutionStatus;
  readonly stopMs?: number;
  readonly redrives?: Redrives;
};

/** With the name of the error when it ended without success. */
export type FoundExecution = ExecutionSummary & { readonly error?: string };

export interface ExecutionCounts {
  readonly statuses: Readonly<Record<ExecutionStatus, number>>;
  /** Of one machine: how many of its open executions are in each state, by the state's name. One may be in several. */
  readonly states?: readonly { readonly state: string; readonly executions: number }[];
}

/** Texts by name: the values that an execution has, or the paths where a machine's executions have them in their inputs. */
export type SearchAttributes = Readonly<Record<string, string>>;

/** Search attributes that a machine may declare. */
export const MAX_SEARCH_ATTRIBUTES = 20;
export const SEARCH_ATTRIBUTE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** A value with more characters is not indexed. */
export const MAX_ATTRIBUTE_VALUE = 256;
/** Candidates that one page looks at, about. */
export const CANDIDATES_PER_PAGE = 5000;
