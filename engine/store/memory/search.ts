import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../schemas/execution.ts';
import {
  compareNamePlaces,
  comparePlaces,
  formatCursor,
  formatNameCursor,
  parseCursor,
  parseNameCursor,
} from '../list-place.ts';
import { ALL, attributeList } from '../lists.ts';
import type { ExecutionCounts, ExecutionSearch, FoundExecution, SearchFilter, SearchPage } from '../search.ts';
import { matches, standing } from '../search-match.ts';
import { summarize } from './executions.ts';
import type { KeptExecution, MemoryState } from './state.ts';

/** A store in memory looks at every execution of the shortest list. */
export class MemorySearch implements ExecutionSearch {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async find(filter: SearchFilter, page: { limit: number; cursor?: string }): Promise<SearchPage> {
    const found: Found[] = [];
    for (const execution of this.#shortestList(filter)) {
      if (filter.waitingIn !== undefined && !execution.states.has(filter.waitingIn)) continue;
      const row = rowOf(execution);
      if (matches(row, filter)) found.push({ row, startMs: row.startMs, name: row.name, id: execution.id });
    }
    return pageOf(found, filter.namePrefix === undefined ? BY_START : BY_NAME, page);
  }

  async counts(stateMachineArn?: string): Promise<ExecutionCounts> {
    const statuses = Object.fromEntries(EXECUTION_STATUSES.map((status) => [status, 0])) as Statuses;
    const states = new Map<string, number>();
    for (const execution of this.#state.lists.get(stateMachineArn ?? ALL) ?? []) {
      statuses[execution.status] += 1;
      for (const state of execution.states) states.set(state, (states.get(state) ?? 0) + 1);
    }
    if (stateMachineArn === undefined) return { statuses };
    return { statuses, states: [...states].map(([state, executions]) => ({ state, executions })) };
  }

  #shortestList({ stateMachineArn, attributes = {} }: SearchFilter): ReadonlySet<KeptExecution> {
    const none = new Set<KeptExecution>();
    const named = Object.entries(attributes).map(([name, value]) => attributeList(stateMachineArn ?? '', name, value));
    const sets = [stateMachineArn ?? ALL, ...named].map((list) => this.#state.lists.get(list) ?? none);
    return sets.reduce((shortest, set) => (set.size < shortest.size ? set : shortest));
  }
}

type Statuses = Record<ExecutionStatus, number>;

interface Found {
  readonly row: FoundExecution;
  readonly startMs: number;
  readonly name: string;
  readonly id: KeptExecution['id'];
}

/** An order of rows, and how its cursors are written. */
interface Order {
  compare(a: Found, b: Found): number;
  format(last: Found): string;
  /** Whether a row comes after a cursor; undefined when that is no cursor of the order. */
  behind(cursor: string): ((row: Found) => boolean) | undefined;
}

const BY_START: Order = {
  compare: comparePlaces,
  format: formatCursor,
  behind(cursor) {
    const place = parseCursor(cursor);
    return place && ((row) => comparePlaces(row, place) > 0);
  },
};

const BY_NAME: Order = {
  compare: compareNamePlaces,
  format: formatNameCursor,
  behind(cursor) {
    const place = parseNameCursor(cursor);
    return place && ((row) => compareNamePlaces(row, place) > 0);
  },
};

function pageOf(found: Found[], order: Order, { limit, cursor }: { limit: number; cursor?: string }): SearchPage {
  const isBehind = cursor === undefined ? () => true : order.behind(cursor);
  const left = isBehind ? found.filter(isBehind).sort(order.compare) : [];
  const rows = left.slice(0, limit);
  const last = rows.at(-1);
  return {
    executions: rows.map(({ row }) => row),
    ...(last && left.length > rows.length && { cursor: order.format(last) }),
  };
}

function rowOf(execution: KeptExecution): FoundExecution {
  const summary = summarize(execution);
  return execution.state === undefined ? summary : { ...summary, ...standing(JSON.parse(execution.state)) };
}
