import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ExecutionRecord, ExecutionState, RedriveNote, Redrives } from '../../../schemas/execution.ts';
import type { ExecutionId, PendingTask } from '../../../schemas/task.ts';
import type { Announcement } from '../../../schemas/webhook.ts';
import type { Frame, FrameId, Head } from '../../interpreter/execution.ts';
import type { Stimulus } from '../../interpreter/stimulus.ts';
import { type ChildEnded, childEnded } from '../child-ended.ts';
import { redriveNote } from '../redrive-note.ts';
import { type InboxEntry, type Notice, REDRIVE_NOTES, type RedriveChange } from '../store.ts';
import { WORK } from './keys.ts';
import { type Argument, asBuffer, asList, asText, type Reply } from './scripts.ts';

// ------------------------------------------------------------------ texts

/** Texts from here on are kept compressed. */
const PACK_LENGTH = 1024;
/** The first byte of a compressed text. A JSON text cannot begin with it. */
const PACKED = 1;
const PACKED_PREFIX = Buffer.of(PACKED);

/** The form in which a text is kept: itself, or compressed when that is worth it. */
export function pack(text: string): string | Buffer {
  if (text.length < PACK_LENGTH && text.charCodeAt(0) !== PACKED) return text;
  return Buffer.concat([PACKED_PREFIX, deflateRawSync(text, { level: 1 })]);
}

export const unpack = (bytes: Buffer): string =>
  bytes[0] === PACKED ? inflateRawSync(bytes.subarray(1)).toString() : bytes.toString();

// ------------------------------------------------------------------ executions

/** A record before the store has told its start: the input is kept apart, so that it can be compared and compressed. */
export function encodeRecord(record: Omit<ExecutionRecord, 'startMs'>): string {
  const { executionId: _key, input: _apart, ...rest } = record;
  return JSON.stringify(rest);
}

export const decodeRecord = (id: ExecutionId, startMs: number, json: string, input: string): ExecutionRecord =>
  ({ executionId: id, ...JSON.parse(json), startMs, input }) as ExecutionRecord;

/** The kept form is `<startMs><JSON>`: the script that starts the execution knows the time, but no JSON. */
export function decodeKeptRecord(id: ExecutionId, kept: Buffer, input: string): ExecutionRecord {
  const text = kept.toString();
  const brace = text.indexOf('{');
  return decodeRecord(id, Number(text.slice(0, brace)), text.slice(brace), input);
}

type ClosedState = Exclude<ExecutionState, { status: 'RUNNING' }>;

/** The kept form is `<stopMs><JSON>`, beside the output, which may be large. */
export function encodeState(state: ClosedState): { state: string; output?: string | Buffer } {
  if (state.status === 'SUCCEEDED') {
    return { state: `${state.stopMs}{"status":"SUCCEEDED"}`, output: pack(state.output) };
  }
  const { stopMs, ...rest } = state;
  return { state: `${stopMs}${JSON.stringify(rest)}` };
}

export function decodeState(kept: Buffer, output: Buffer | null): ClosedState {
  const text = kept.toString();
  const brace = text.indexOf('{');
  const rest = JSON.parse(text.slice(brace)) as Omit<ClosedState, 'stopMs'>;
  return { ...rest, stopMs: Number(text.slice(0, brace)), ...(output && { output: unpack(output) }) } as ClosedState;
}

/**
 * `<events> <visits>`; once it was redriven or when it is closed also `<redrives> <ms of the last>`, and when it is closed
 * `<status> <stopMs>`.
 */
export function encodeHead({ events, visits, redrives, state }: Head): string {
  const counts = `${events} ${visits}`;
  const redriven = `${counts} ${redrives?.count ?? 0} ${redrives?.lastMs ?? 0}`;
  if (state.status !== 'RUNNING') return `${redriven} ${state.status} ${state.stopMs}`;
  return redrives ? redriven : counts;
}

function decodeHead(kept: string): Head {
  const [events, visits, count = '0', lastMs, status = 'RUNNING', stopMs] = kept.split(' ');
  const state = status === 'RUNNING' ? { status } : { status, stopMs: Number(stopMs) };
  return {
    // How it ended is told elsewhere: here it only matters that it has.
    state: state as ExecutionState,
    events: Number(events),
    visits: Number(visits),
    ...(count !== '0' && { redrives: { count: Number(count), lastMs: Number(lastMs) } }),
  };
}

/** Kept with the record as `<count> <ms of the last>`, from the first redrive on. */
export function decodeRedrives(kept: Reply | undefined): { redrives?: Redrives } {
  if (!Buffer.isBuffer(kept)) return {};
  const [count, lastMs] = kept.toString().split(' ').map(Number);
  return { redrives: { count: count ?? 0, lastMs: lastMs ?? 0 } };
}

/** What `redrive.lua` needs of a change: what the stimulus carries, what is told later, how many of that, and the record if it changes. */
export function encodeRedrive(record: ExecutionRecord, change: RedriveChange): Argument[] {
  const { edits, revisionId } = change;
  const { startMs: _kept, ...rest } = record;
  return [
    edits === undefined ? '' : JSON.stringify(edits),
    JSON.stringify(redriveNote(change)),
    REDRIVE_NOTES,
    revisionId === undefined ? '' : encodeRecord({ ...rest, revisionId }),
  ];
}

/** Kept as lines of `<ms> <JSON>`, the oldest first. */
export function decodeRedriveNotes(kept: Reply): RedriveNote[] {
  if (!Buffer.isBuffer(kept)) return [];
  const lines = kept.toString().trimEnd().split('\n');
  return lines.map((line) => {
    const space = line.indexOf(' ');
    return { redriveMs: Number(line.slice(0, space)), ...JSON.parse(line.slice(space + 1)) } as RedriveNote;
  });
}

/** Frames are written again and again, and go at the close: only large ones are worth compressing. */
const PACK_FRAME_LENGTH = 16 * 1024;

export function encodeFrame(frame: Frame): string | Buffer {
  const text = JSON.stringify(frame);
  return text.length < PACK_FRAME_LENGTH ? text : pack(text);
}

/** Head and frames out of a work hash; before the first commit there are none. */
export function decodeWork(fields: readonly Reply[]): { head: Head; frames: Map<FrameId, Frame> } {
  let head = decodeHead('0 0');
  const frames = new Map<FrameId, Frame>();
  for (const [field, kept] of decodePairs(fields)) {
    if (field === WORK.head) head = decodeHead(kept.toString());
    else if (field.startsWith(WORK.frame(''))) frames.set(field.slice(1), JSON.parse(unpack(kept)) as Frame);
  }
  return { head, frames };
}

/** What TIME answers, in ms. */
export function decodeTime(time: Reply): number {
  const [seconds, micros] = asList(time).map((part) => Number(asText(part)));
  return (seconds ?? 0) * 1000 + Math.floor((micros ?? 0) / 1000);
}

// ------------------------------------------------------------------ tasks

/** A waiting task: its header is what scripts read (see `include/task.lua`), its body what a worker gets. */
export function encodeTask(task: Omit<PendingTask, 'id'>): { header: string; body: string | Buffer } {
  const nonce = task.taskToken.slice(task.taskToken.lastIndexOf('.') + 1);
  const heartbeatMs = task.heartbeatSeconds === undefined ? '' : String(task.heartbeatSeconds * 1000);
  return { header: `w|0|${heartbeatMs}|${nonce}|`, body: pack(JSON.stringify(task)) };
}

export const decodeTask = (executionId: ExecutionId, visit: number, body: Buffer): PendingTask =>
  ({ id: { executionId, visit }, ...JSON.parse(unpack(body)) }) as PendingTask;

// ------------------------------------------------------------------ inbox

/** A stimulus before it has an instant: Redis gives that with the entry's id. */
export type Arrival = Stimulus extends infer Each ? (Each extends Stimulus ? Omit<Each, 'at'> : never) : never;

export const encodeArrival = (arrival: Arrival): string => JSON.stringify(arrival);

/** Reads `[entryId, [field, value, ...]]`; the fields are named in `include/inbox.lua`. */
export function decodeEntry(shard: number, reply: Reply): InboxEntry {
  const [entryId, pairs] = asList(reply);
  const id = asText(entryId);
  const at = Number(id.slice(0, id.indexOf('-')));
  const fields = decodePairs(asList(pairs));
  const executionId = asText(fields.get('e')) as ExecutionId;
  const worker = fields.get('w');
  const stimulus = {
    ...JSON.parse(asText(fields.get('s'))),
    at,
    ...(worker && { workerName: JSON.parse(worker.toString()) }),
  } as Stimulus;
  const ended = fields.get('x');
  if (ended)
    return { shard, entryId: id, executionId, stimulus: { ...stimulus, ...endingIn(fields, ended) } as Stimulus };
  const record = fields.get('r');
  if (!record) return { shard, entryId: id, executionId, stimulus };
  const input = unpack(asBuffer(fields.get('i')));
  return { shard, entryId: id, executionId, stimulus, record: decodeRecord(executionId, at, record.toString(), input) };
}

/** How a child ended, as it is kept. */
function endingIn(fields: ReadonlyMap<string, Buffer>, state: Buffer): Pick<ChildEnded, 'ending'> {
  const input = unpack(asBuffer(fields.get('i')));
  const record = decodeKeptRecord('' as ExecutionId, asBuffer(fields.get('k')), input);
  if (!record.child) throw new TypeError(`${record.executionArn} is no child of a Map Run`);
  const { ending } = childEnded(record, record.child, decodeState(state, asBuffer(fields.get('o'))), 0);
  return { ending };
}

// ------------------------------------------------------------------ notices

/** What a notice says to webhooks; the output of the execution is kept with it. */
export function encodeAnnouncement({ change, webhookIds }: Announcement): string {
  const { state: told } = change;
  const state = told.status === 'SUCCEEDED' ? { status: told.status, stopMs: told.stopMs } : told;
  return `n${JSON.stringify({ change: { ...change, state }, webhookIds })}`;
}

function decodeAnnouncement(kept: string, output: Reply | undefined): Announcement {
  const { change, webhookIds } = JSON.parse(kept) as Announcement;
  const { state } = change;
  // Only what has succeeded has one, and nothing comes after that.
  if (state.status !== 'SUCCEEDED') return { change, webhookIds };
  return { change: { ...change, state: { ...state, output: unpack(asBuffer(output)) } }, webhookIds };
}

/** Reads what `due-notices.lua` answers of one notice. */
export function decodeNotice(id: string, [kept, record, input, output, redrives, waiters]: readonly Reply[]): Notice {
  const text = asText(kept);
  if (text.startsWith('s')) return { id, type: 'stop', executionArn: text.slice(1) };
  const executionId = id.slice(0, id.indexOf('|')) as ExecutionId;
  const described = decodeKeptRecord(executionId, asBuffer(record), unpack(asBuffer(input)));
  if (text.startsWith('w')) {
    return { id, type: 'started', executionArn: described.executionArn, waiter: text.slice(1) };
  }
  if (text.startsWith('n')) {
    return { id, type: 'changed', execution: described, ...decodeAnnouncement(text.slice(1), output) };
  }
  const state = decodeState(asBuffer(kept).subarray(1), Buffer.isBuffer(output) ? output : null);
  return {
    id,
    type: 'ended',
    waiters: asText(waiters).trimEnd().split('\n'),
    execution: { ...described, ...decodeRedrives(redrives), ...state },
  };
}

/** A flat list of names and values, as streams and hashes are answered. */
function decodePairs(pairs: readonly Reply[]): Map<string, Buffer> {
  const map = new Map<string, Buffer>();
  for (let index = 0; index + 1 < pairs.length; index += 2) map.set(asText(pairs[index]), asBuffer(pairs[index + 1]));
  return map;
}
