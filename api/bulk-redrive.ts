import type { BulkRedrive } from '../engine/store/bulk-redrive-store.ts';
import type { ExecutionSearch, SearchAttributes } from '../engine/store/search.ts';
import type { AskedEdits } from './redrive-edits.ts';

/** A redrive of many executions: what is asked, how far it is, and which executions come next. */

export const UNSUCCESSFUL = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;
type Unsuccessful = (typeof UNSUCCESSFUL)[number];

/** Which executions: those that meet every condition. */
export interface BulkFilter {
  readonly stateMachineArn: string;
  /** All ends without success when left out. */
  readonly status?: Unsuccessful;
  readonly error?: string;
  readonly startedAfterMs?: number;
  readonly startedBeforeMs?: number;
  readonly namePrefix?: string;
  readonly attributes?: SearchAttributes;
}

export interface AskedBulk {
  readonly filter: BulkFilter;
  readonly edits: AskedEdits;
  /** How many executions at most. */
  readonly limit: number;
  /** Who wants it. */
  readonly by?: string;
}

/** How far it is. Plain JSON: it is kept in the store, for whoever goes on with it. */
export interface BulkProgress {
  /** Executions that were found so far; those of `page` among them. */
  readonly found: number;
  readonly redriven: number;
  readonly refused: number;
  /** The first ones that were refused. */
  readonly refusals: readonly Refusal[];
  /** Ends that are still to be looked for; the first of them from `cursor` on. */
  readonly statuses: readonly Unsuccessful[];
  readonly cursor?: string;
  /** ARNs of executions that are being redriven: whoever comes after a death does it again, which changes nothing. */
  readonly page: readonly string[];
}

export interface Refusal {
  readonly executionArn: string;
  readonly reason: string;
}

/** Refusals that are told. */
const MOST_REFUSALS = 100;
/** Executions that are found, and redriven, between two times that progress is saved. */
export const PAGE = 100;

export const beginning = ({ filter: { status } }: AskedBulk): BulkProgress => ({
  found: 0,
  redriven: 0,
  refused: 0,
  refusals: [],
  statuses: status ? [status] : UNSUCCESSFUL,
  page: [],
});

export const isDone = ({ page, statuses, found }: BulkProgress, { limit }: AskedBulk): boolean =>
  page.length === 0 && (statuses.length === 0 || found >= limit);

/**
 * Finds the next executions.
 *
 * @param endedMs only those that had ended by then: what fails again after its redrive is none of them
 */
export async function nextPage(
  search: ExecutionSearch,
  { filter, limit }: AskedBulk,
  progress: BulkProgress,
  endedMs: number,
): Promise<BulkProgress> {
  const [status, ...others] = progress.statuses;
  if (status === undefined) return progress;
  const { cursor, ...rest } = progress;
  const found = await search.find(
    { ...filter, status },
    { limit: Math.min(PAGE, limit - progress.found), ...(cursor !== undefined && { cursor }) },
  );
  const page = found.executions
    .filter(({ stopMs }) => stopMs !== undefined && stopMs <= endedMs)
    .map(({ executionArn }) => executionArn);
  const next = found.cursor === undefined ? { statuses: others } : { cursor: found.cursor };
  return { ...rest, ...next, page, found: progress.found + page.length };
}

/** The page is done. A reason for each execution that was refused, nothing for one that was redriven. */
export function withPage(progress: BulkProgress, reasons: readonly (string | undefined)[]): BulkProgress {
  const refusals = progress.page.flatMap((executionArn, index) => {
    const reason = reasons[index];
    return reason === undefined ? [] : [{ executionArn, reason }];
  });
  return {
    ...progress,
    page: [],
    redriven: progress.redriven + reasons.length - refusals.length,
    refused: progress.refused + refusals.length,
    refusals: [...progress.refusals, ...refusals].slice(0, MOST_REFUSALS),
  };
}

/** How many executions there are to redrive, and the first of them. */
export async function preview(search: ExecutionSearch, asked: AskedBulk, told: number) {
  const first: string[] = [];
  let progress = beginning(asked);
  while (!isDone(progress, asked)) {
    progress = await nextPage(search, asked, progress, Number.POSITIVE_INFINITY);
    first.push(...progress.page.slice(0, told - first.length));
    progress = { ...progress, page: [] };
  }
  return { matching: progress.found, executions: first };
}

export const askedOf = ({ asked }: Pick<BulkRedrive, 'asked'>): AskedBulk => JSON.parse(asked) as AskedBulk;
export const progressOf = ({ progress }: Pick<BulkRedrive, 'progress'>): BulkProgress =>
  JSON.parse(progress) as BulkProgress;
