import type { ArchiveStore } from './archive-store.ts';
import { type ArchivedData, type ArchivedSummary, type ArchiveIndex, FORMAT } from './archived-execution.ts';
import { indexPlace, linesOf } from './members.ts';

/** Read at first from either end: all there is of most executions. */
const FIRST_BYTES = 64 * 1024;
/** Enough for most summaries. */
const SUMMARY_BYTES = 4 * 1024;

/** An archived execution that is looked at. What is read later fails when the object is another one by then. */
export interface OpenExecution {
  readonly summary: ArchivedSummary;
  readonly data: ArchivedData;
  /** The events with these indexes, from the first to before the last, as JSON texts. */
  events(first: number, last: number): Promise<string[]>;
}

/** Undefined when there is none. @throws ObjectStoreError when the storage is away, Error when it holds something else */
export async function openExecution(store: ArchiveStore, key: string): Promise<OpenExecution | undefined> {
  const found = await store.get(key, { from: 0, to: FIRST_BYTES });
  if (!found) return undefined;
  const { size, etag } = found;
  const read = async (from: number, to: number): Promise<Buffer> => {
    if (to <= found.bytes.length) return found.bytes.subarray(from, to);
    const more = await store.get(key, { from, to, ifMatch: etag });
    if (!more) throw new Error(`${key} went while it was read`);
    return more.bytes;
  };
  const tail = await read(Math.max(0, size - FIRST_BYTES), size);
  const indexAt = indexPlace(tail);
  if (indexAt === undefined) throw new Error(`${key} in the archive is not an execution, or damaged`);
  const tailAt = size - tail.length;
  const indexBytes = indexAt >= tailAt ? tail.subarray(indexAt - tailAt) : await read(indexAt, size);
  const index = parse<ArchiveIndex>((await linesOf(indexBytes))[0]);
  const [summary, data] = await linesOf(await read(0, index.historyAt));
  return {
    summary: readSummary(summary, key),
    data: parse<ArchivedData>(data),
    events: (first, last) => readEvents({ ...index, indexAt }, first, last, read),
  };
}

/** What a list tells of one; undefined when it has gone. */
export async function summaryOf(store: ArchiveStore, key: string): Promise<ArchivedSummary | undefined> {
  const found = await store.get(key, { from: 0, to: SUMMARY_BYTES });
  if (!found) return undefined;
  const lines = await linesOf(found.bytes);
  // Another line has begun: the first is whole.
  if (lines.length > 1 || found.bytes.length === found.size) return readSummary(lines[0], key);
  return (await openExecution(store, key))?.summary;
}

function readSummary(line: string | undefined, key: string): ArchivedSummary {
  const summary = parse<ArchivedSummary>(line);
  if (summary.format === FORMAT) return summary;
  throw new Error(`${key} in the archive has the format ${summary.format}: this version reads ${FORMAT}`);
}

const parse = <T>(line: string | undefined): T => JSON.parse(line ?? 'null') as T;

async function readEvents(
  { blocks, indexAt }: ArchiveIndex & { readonly indexAt: number },
  first: number,
  last: number,
  read: (from: number, to: number) => Promise<Buffer>,
): Promise<string[]> {
  if (last <= first) return [];
  const from = blocks.findLastIndex(([, before]) => before <= first);
  const to = blocks.findIndex(([, before]) => before >= last);
  const [at = 0, before = 0] = blocks[from] ?? [];
  const events = await linesOf(await read(at, blocks[to]?.[0] ?? indexAt));
  return events.slice(first - before, last - before);
}
