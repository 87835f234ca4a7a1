import type { MapRunRecord } from '../../schemas/map-run.ts';
import type { ObjectWriter } from '../data-sets/index.ts';
import type { ExecutionDescription, ExpiredExecution, Store } from '../store/store.ts';
import { executionKey, machinePrefix, mapRunKey } from './archive-key.ts';
import type { ArchiveStore } from './archive-store.ts';
import type { ArchivedSummary } from './archived-execution.ts';
import { createLanes } from './lanes.ts';
import { linesOf, member } from './members.ts';
import { summaryOf } from './read-execution.ts';
import { writeExecution } from './write-execution.ts';

/** What an execution is put together from. */
export type Sources = Pick<Store, 'executions' | 'mapRuns' | 'registry'>;

/** Events that are read first, to learn how big they are: each may have 256 KiB. */
const FIRST_EVENTS = 20;
const MOST_EVENTS = 1000;
/** What a page is to have, about. */
const PAGE_CHARACTERS = 1024 * 1024;

/** Of all shards together: each holds a page of a history, and what its object holds back. */
const WRITTEN_AT_ONCE = 8;

/** Writes executions and their Map Runs for the runtime: see `Archive` of its ports. */
export function createArchive(store: ArchiveStore, sources: Sources) {
  const inLane = createLanes(WRITTEN_AT_ONCE);
  return { keep: (expired: ExpiredExecution): Promise<void> => inLane(() => keep(store, sources, expired)) };
}

async function keep(store: ArchiveStore, sources: Sources, { executionArn, stopMs }: ExpiredExecution): Promise<void> {
  if (executionArn === undefined) return;
  const execution = await sources.executions.describe(executionArn);
  if (!execution || execution.status === 'RUNNING' || execution.stopMs !== stopMs) return;
  const [stateMachine, mapRuns, first] = await Promise.all([
    sources.registry.revision(execution.revisionId),
    sources.mapRuns.list(executionArn),
    readPage(sources, executionArn, 0, FIRST_EVENTS),
  ]);
  for (const mapRun of mapRuns) await putMapRun(store, mapRun);
  const { input, output, summary } = apart(execution);
  const data = { input, ...(output !== undefined && { output }), ...(stateMachine && { stateMachine }), mapRuns };
  const write = async (object: Pick<ObjectWriter, 'write'>): Promise<void> => {
    await writeExecution(
      object,
      { execution: summary, events: first.total },
      data,
      pages(sources, executionArn, first),
    );
    if ((await sources.executions.standing(executionArn))?.stopMs !== stopMs) throw new ChangedMeanwhile();
  };
  await store.put(executionKey(executionArn), write).catch((error: unknown) => {
    if (!(error instanceof ChangedMeanwhile)) throw error;
  });
}

/**
 * Another engine has archived and removed the execution, or somebody has redriven it: what was read may be parts of two, or
 * nothing, and must not take the place of what the other has written.
 */
class ChangedMeanwhile extends Error {}

type Ended = Exclude<ExecutionDescription, { status: 'RUNNING' }>;

/** The texts that may be large, and the rest. */
function apart(execution: Ended): { input: string; output?: string; summary: ArchivedSummary['execution'] } {
  if (execution.status !== 'SUCCEEDED') {
    const { input, ...summary } = execution;
    return { input, summary };
  }
  const { input, output, ...summary } = execution;
  return { input, output, summary };
}

type Page = { readonly events: readonly string[]; readonly total: number };

async function* pages(sources: Sources, executionArn: string, first: Page): AsyncGenerator<readonly string[]> {
  let page = first;
  for (let start = 0; page.events.length > 0; ) {
    yield page.events;
    start += page.events.length;
    if (start >= page.total) return;
    page = await readPage(sources, executionArn, start, asManyAsFit(page.events));
  }
}

async function readPage({ executions }: Sources, executionArn: string, start: number, limit: number): Promise<Page> {
  return (await executions.history(executionArn, { start, limit, reverse: false })) ?? { events: [], total: 0 };
}

/** So many events have the size of a page, if the next ones are as large as these. */
function asManyAsFit(events: readonly string[]): number {
  const characters = events.reduce((sum, event) => sum + event.length, 0);
  return Math.max(1, Math.min(MOST_EVENTS, Math.floor((PAGE_CHARACTERS * events.length) / characters)));
}

async function putMapRun(store: ArchiveStore, mapRun: MapRunRecord): Promise<void> {
  const bytes = await member([JSON.stringify(mapRun)]);
  await store.put(mapRunKey(mapRun.mapRunArn), (object) => object.write(bytes));
}

/** @throws ObjectStoreError */
export async function readMapRun(store: ArchiveStore, mapRunArn: string): Promise<MapRunRecord | undefined> {
  const found = await store.get(mapRunKey(mapRunArn), { from: 0 });
  const [line] = found ? await linesOf(found.bytes) : [];
  return line === undefined ? undefined : (JSON.parse(line) as MapRunRecord);
}

/** A page of a machine's archived executions, in the order of their names. @throws ObjectStoreError */
export async function listArchived(
  store: ArchiveStore,
  stateMachineArn: string,
  { limit, after }: { limit: number; after?: string },
): Promise<{ executions: ArchivedSummary['execution'][]; after?: string }> {
  const keys: string[] = [];
  let more = false;
  for await (const key of store.list(machinePrefix(stateMachineArn), after)) {
    more = keys.length === limit;
    if (more) break;
    keys.push(key);
  }
  const executions: ArchivedSummary['execution'][] = [];
  for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
    const found = await Promise.all(keys.slice(at, at + READ_AT_ONCE).map((key) => summaryOf(store, key)));
    for (const summary of found) {
      // Names that differ in case alone may share a folder.
      if (summary?.execution.stateMachineArn === stateMachineArn) executions.push(summary.execution);
    }
  }
  const last = keys.at(-1);
  return { executions, ...(more && last !== undefined && { after: last }) };
}

const READ_AT_ONCE = 16;
