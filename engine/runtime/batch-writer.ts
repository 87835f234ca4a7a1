import type { ExecutionId, PendingTask } from '../../schemas/task.ts';
import type { Announcement } from '../../schemas/webhook.ts';
import type { Step } from '../interpreter/draft.ts';
import type { Effect } from '../interpreter/effect.ts';
import type { Execution, Frame, FrameId, Head } from '../interpreter/execution.ts';
import type { Batch, ExecutionWrite } from '../store/store.ts';
import { EventTexts } from './event-texts.ts';
import type { StatesOfFrames } from './states-of-frames.ts';

/** Gathers the steps of a batch into one write per execution. */
export class BatchWriter {
  readonly #consumed: string[] = [];
  readonly #writes = new Map<ExecutionId, Gathered>();
  readonly #texts = new EventTexts();
  #changes = 0;

  /** Frames, events and effects so far, and KiB of their texts: what a commit takes grows with them. */
  get changes(): number {
    return this.#changes;
  }

  consume(entryId: string): void {
    this.#consumed.push(entryId);
  }

  /**
   * @param states those of the execution, kept up with the step
   * @param announcements what the step changes that webhooks want to hear of
   */
  add(execution: Execution, step: Step, states: StatesOfFrames, announcements: readonly Announcement[] = []): void {
    if (step.history.length === 0 && step.frames.size === 0 && step.effects.length === 0) return;
    const { record } = execution;
    let gathered = this.#writes.get(record.executionId);
    if (!gathered) {
      gathered = { record, head: step.head, frames: new Map(), events: [], effects: [], states, announcements: [] };
      this.#writes.set(record.executionId, gathered);
    }
    gathered.head = step.head;
    for (const [id, frame] of step.frames) gathered.frames.set(id, frame);
    let length = 0;
    for (const event of step.history) {
      const text = this.#texts.of(event);
      gathered.events.push(text);
      length += text.length;
    }
    // One by one: a call cannot take as many arguments as a step may have effects.
    for (const effect of step.effects) {
      gathered.effects.push(effect);
      length += lengthOf(effect);
    }
    gathered.announcements.push(...announcements);
    this.#changes += step.frames.size + step.history.length + step.effects.length + Math.floor(length / 1024);
  }

  toBatch(): Batch {
    const writes: ExecutionWrite[] = [];
    for (const [executionId, { states, ...gathered }] of this.#writes) {
      const closed = gathered.head.state.status !== 'RUNNING';
      writes.push({ executionId, ...gathered, closed, ...states.changes(closed) });
    }
    return { consumed: this.#consumed, writes };
  }
}

/** How long the text is that comes with an effect. */
function lengthOf(effect: Effect): number {
  switch (effect.type) {
    case 'StartChild':
      return effect.record.input.length;
    case 'DispatchTask':
      return effect.task.input.length;
    case 'KeepResult':
      return effect.row.length;
    default:
      return 0;
  }
}

interface Gathered {
  readonly record: Execution['record'];
  head: Head;
  readonly frames: Map<FrameId, Frame | null>;
  readonly events: string[];
  readonly effects: Effect[];
  readonly states: StatesOfFrames;
  readonly announcements: Announcement[];
}

/** The tasks of a committed batch that are still wanted at its end. */
export function tasksOf(batch: Batch): PendingTask[] {
  const tasks: PendingTask[] = [];
  for (const { executionId, closed, effects } of batch.writes) {
    if (closed) continue;
    const dropped = new Set(effects.flatMap((effect) => (effect.type === 'CloseTask' ? [effect.visit] : [])));
    for (const effect of effects) {
      if (effect.type !== 'DispatchTask' || dropped.has(effect.visit)) continue;
      tasks.push({ id: { executionId, visit: effect.visit }, ...effect.task });
    }
  }
  return tasks;
}

/** When the earliest timer that a batch sets is due, in epoch milliseconds. */
export function earliestTimer(batch: Batch): number | undefined {
  let earliest: number | undefined;
  for (const { effects } of batch.writes) {
    for (const effect of effects) {
      if (effect.type === 'SetTimer' && (earliest === undefined || effect.dueMs < earliest)) earliest = effect.dueMs;
    }
  }
  return earliest;
}
