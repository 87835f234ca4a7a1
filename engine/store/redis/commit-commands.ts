import type { PendingTask } from '../../../schemas/task.ts';
import type { TimerPurpose } from '../../interpreter/stimulus.ts';
import { changeOf, formatChange } from '../changes.ts';
import { childEnded } from '../child-ended.ts';
import { ALL, isEphemeral, listsOf } from '../lists.ts';
import { changeNotice, taskMember, timerMember } from '../member.ts';
import type { Batch, ExecutionWrite } from '../store.ts';
import { encodeAnnouncement, encodeFrame, encodeHead, encodeState, encodeTask } from './codec.ts';
import { type Argument, CommitCommands, Gathered } from './command-list.ts';
import { packEvents } from './history-codec.ts';
import { type ClosedState, keysIn } from './index-keys.ts';
import { closedRow, nameMember, type ShardKeys, stateMember, WORK } from './keys.ts';
import { addMapRunEffects, tell } from './map-run-commands.ts';

/** What a batch does to the sets of its shard, gathered over its executions. */
class ShardChanges {
  readonly added = new Gathered();
  readonly removed = new Gathered();
  readonly postponed = new Gathered();
  readonly offered = new Gathered();
  readonly closed = new Gathered();
  readonly announced = new Gathered();

  flush(into: CommitCommands): void {
    this.removed.flush('ZREM', into);
    this.added.flush('ZADD', into);
    this.postponed.flush('postpone', into);
    this.offered.flush('offer', into);
    this.closed.flush('RPUSH', into);
    this.announced.flush('announce', into);
  }
}

/**
 * The operations that write a batch, in as few Redis commands as it allows.
 *
 * @param retentionMs how long the end of an Express child is kept at most for a parent that does not hear of it
 */
export function commitCommands(shard: ShardKeys, batch: Batch, retentionMs: number): CommitCommands {
  const commands = new CommitCommands(shard);
  const changes = new ShardChanges();
  for (const write of batch.writes) {
    if (!isEphemeral(write.record)) {
      commands.add('RPUSH', shard.history(write.executionId), packEvents(write.events));
    }
    if (!write.record.child) addIndexes(changes, shard, write);
    if (write.closed) addClose(commands, changes, shard, write, retentionMs);
    else addProgress(commands, changes, shard, write);
    if (write.effects.length > 0) addMapRunEffects(commands, changes.added, shard, write);
    for (const announcement of write.announcements) {
      const id = changeNotice(write.executionId, announcement.change);
      changes.announced.add(shard.notices, id, encodeAnnouncement(announcement));
    }
  }
  changes.flush(commands);
  commands.add('XDEL', shard.inbox, batch.consumed);
  addNews(commands, shard, batch);
  return commands;
}

/** Whether nothing of it was written before this: all its events are in the batch. */
const isFirst = ({ events, head }: ExecutionWrite): boolean => events.length === head.events;

/** With its first commit, its name and its place among all: many share one command so. Then the states that it is in. */
function addIndexes(changes: ShardChanges, shard: ShardKeys, write: ExecutionWrite): void {
  const { record, closed, entered, left } = write;
  if (isFirst(write)) {
    changes.added.add(shard.names, '0', nameMember(record));
    if (!closed) changes.added.add(shard.index(ALL, 'RUNNING'), String(record.startMs), record.executionId);
  }
  if (entered.length === 0 && left.length === 0) return;
  const states = shard.states(record.stateMachineArn);
  for (const state of left) changes.removed.add(states, stateMember(state, record));
  for (const state of entered) changes.added.add(states, '0', stateMember(state, record));
}

/** For those who listen at this moment, in one message. */
function addNews(commands: CommitCommands, shard: ShardKeys, { writes }: Batch): void {
  const lines: string[] = [];
  for (const write of writes) {
    const change = changeOf(write);
    if (change) lines.push(formatChange(change));
  }
  if (lines.length > 0) commands.add('publish', shard.live, [lines.join('\n')]);
}

/** It leaves the open executions of its lists for those of its end, and comes into those of its error. */
function moveInLists(changes: ShardChanges, shard: ShardKeys, write: ExecutionWrite, state: ClosedState): void {
  const { executionId: id, record } = write;
  const first = isFirst(write);
  for (const list of listsOf(record)) {
    if (list !== ALL || !first) changes.removed.add(shard.index(list, 'RUNNING'), id);
  }
  for (const key of keysIn(shard, record, state)) changes.added.add(key, String(record.startMs), id);
}

function addClose(
  commands: CommitCommands,
  changes: ShardChanges,
  shard: ShardKeys,
  write: ExecutionWrite,
  retentionMs: number,
): void {
  const { executionId: id, record, head } = write;
  if (head.state.status === 'RUNNING') throw new Error(`Execution ${id} closes but is RUNNING`);
  if (record.child) {
    const ended = childEnded(record, record.child, head.state, head.redrives?.count ?? 0);
    tell(commands, shard, record.child.parent, ended);
  }
  const succeeded = head.state.status === 'SUCCEEDED';
  if (!isFirst(write)) commands.add(succeeded ? 'finish' : 'halt', shard.work(id), [id]);
  if (!succeeded) writeWork(commands, shard, write, workOf(write));
  const { state, output } = encodeState(head.state);
  const kept = ['s', state, ...(output === undefined ? [] : ['o', output])];
  if (succeeded && isEphemeral(record)) {
    commands.add('HSET', shard.execution(id), kept);
    // Its parent forgets it when it hears of this, unless it has closed by then: it may be redriven and ask.
    commands.add('PEXPIRE', shard.execution(id), [String(retentionMs)]);
    return;
  }
  commands.add('close', shard.execution(id), [closedRow(id, head.state.stopMs), ...kept]);
  moveInLists(changes, shard, write, head.state);
  changes.closed.add(shard.closed, closedRow(id, head.state.stopMs));
}

/** What changes in one execution's work hash. */
interface WorkChanges {
  readonly set: Argument[];
  readonly removed: string[];
}

function addProgress(commands: CommitCommands, changes: ShardChanges, shard: ShardKeys, write: ExecutionWrite): void {
  const work = workOf(write);
  if (write.effects.length > 0) {
    addEffects(work, changes, shard, write);
    const closed = write.effects.flatMap((effect) => (effect.type === 'CloseTask' ? [String(effect.visit)] : []));
    if (closed.length > 0) commands.add('withdraw', shard.work(write.executionId), [write.executionId, ...closed]);
  }
  writeWork(commands, shard, write, work);
}

/** Head and frames. */
function workOf({ head, frames }: ExecutionWrite): WorkChanges {
  const work: WorkChanges = { set: [WORK.head, encodeHead(head)], removed: [] };
  for (const [frameId, frame] of frames) {
    if (frame) work.set.push(WORK.frame(frameId), encodeFrame(frame));
    else work.removed.push(WORK.frame(frameId));
  }
  return work;
}

function writeWork(
  commands: CommitCommands,
  shard: ShardKeys,
  { executionId }: ExecutionWrite,
  { set, removed }: WorkChanges,
): void {
  const key = shard.work(executionId);
  commands.add('HSET', key, set);
  commands.add('HDEL', key, removed);
}

/** What the effects of a write come to: when one visit's task or timer is set and taken back, only the last counts. */
interface NetEffects {
  readonly tasks: Map<number, Omit<PendingTask, 'id'> | null>;
  readonly timers: Map<string, { visit: number; purpose: TimerPurpose; dueMs: number | null }>;
}

function netEffects(write: ExecutionWrite): NetEffects {
  const net: NetEffects = { tasks: new Map(), timers: new Map() };
  const setTimer = (visit: number, purpose: TimerPurpose, dueMs: number | null) =>
    net.timers.set(`${visit}|${purpose}`, { visit, purpose, dueMs });
  for (const effect of write.effects) {
    switch (effect.type) {
      case 'DispatchTask':
        net.tasks.set(effect.visit, effect.task);
        break;
      case 'CloseTask':
        net.tasks.set(effect.visit, null);
        setTimer(effect.visit, 'timeout', null);
        setTimer(effect.visit, 'heartbeat', null);
        break;
      case 'SetTimer':
        setTimer(effect.timer.visit, effect.timer.purpose, effect.dueMs);
        break;
      case 'ClearTimer':
        setTimer(effect.timer.visit, effect.timer.purpose, null);
        break;
    }
  }
  return net;
}

function addEffects(work: WorkChanges, changes: ShardChanges, shard: ShardKeys, write: ExecutionWrite): void {
  const id = write.executionId;
  const net = netEffects(write);
  for (const [visit, task] of net.tasks) {
    if (task) {
      const { header, body } = encodeTask(task);
      work.set.push(WORK.task(visit), header, WORK.body(visit), body);
      changes.offered.add(shard.outbox, taskMember(id, visit));
    } else {
      work.removed.push(WORK.task(visit), WORK.body(visit));
      changes.removed.add(shard.outbox, taskMember(id, visit));
    }
  }
  for (const { visit, purpose, dueMs } of net.timers.values()) {
    const member = timerMember(id, visit, purpose);
    if (dueMs === null) {
      work.removed.push(WORK.timer(visit, purpose));
      changes.removed.add(shard.timers, member);
    } else {
      work.set.push(WORK.timer(visit, purpose), '');
      (purpose === 'heartbeat' ? changes.postponed : changes.added).add(shard.timers, String(dueMs), member);
    }
  }
}
