import type { ExecutionId } from '../../../schemas/task.ts';
import { CANDIDATES_PER_PAGE } from '../search.ts';

/** What a search is merged from: candidates in one order, of which some are matches. */
export interface Source<Place> {
  /** The last that was looked at; all up to it are known. */
  last: Place | undefined;
  exhausted: boolean;
  /** How many to look at next; grows with each look. */
  count: number;
}

/** More would hold up whoever else waits for the shard. */
const CANDIDATES_PER_LOOK = 1000;

export interface Looking<Place, S extends Source<Place>, Match extends Place> {
  /** Looks at the next candidates of sources: moves `last`, tells `exhausted`, answers the matches. */
  look(sources: readonly S[]): Promise<readonly Match[]>;
  /** The order of candidates, and of what is found. */
  compare(a: Place, b: Place): number;
}

/**
 * The first matches of all sources, in order. Fewer than there are when too many candidates had to be looked at.
 *
 * @returns `more` when there may be others: the place behind which they are
 */
export async function gather<Place extends { id: ExecutionId }, S extends Source<Place>, Match extends Place>(
  sources: readonly S[],
  { look, compare }: Looking<Place, S, Match>,
  limit: number,
): Promise<{ rows: readonly Match[]; more: Place | undefined }> {
  const found = new Map<ExecutionId, Match>();
  let best: Match[] = [];
  let left = CANDIDATES_PER_PAGE;
  for (let open = sources; open.length > 0 && left > 0; ) {
    const most = Math.min(CANDIDATES_PER_LOOK, Math.ceil(left / open.length));
    for (const source of open) source.count = Math.min(source.count, most);
    for (const match of await look(open)) found.set(match.id, match);
    for (const source of open) {
      left -= source.count;
      source.count *= 2;
    }
    best = [...found.values()].sort(compare);
    const worst = best[limit];
    open = sources.filter(({ exhausted, last }) => !exhausted && !(worst && last && compare(last, worst) >= 0));
  }
  const unknown = sources.flatMap(({ exhausted, last }) => (exhausted || last === undefined ? [] : [last]));
  const frontier = unknown.sort(compare)[0];
  const certain = frontier ? best.filter((match) => compare(match, frontier) <= 0) : best;
  const rows = certain.slice(0, limit);
  return { rows, more: certain.length > limit ? rows.at(-1) : frontier };
}
