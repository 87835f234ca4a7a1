import type { ExecutionRecord, ExecutionState, Redrives } from '../../schemas/execution.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import type { DataSetItem, MapRunPlan, MapRunThresholds, Tally } from '../../schemas/map-run.ts';
import type { Failure } from './recover.ts';

/**
 * An execution in flight: plain JSON, closed under a round trip through text.
 *
 * It is a tree of frames. A running frame goes through the states of one scope: the machine, a
 * branch, an iteration. A fork frame counts the children of one Parallel or Map state, apart from the state's own
 * frame, so that a finished iteration rewrites a few bytes instead of the items.
 */
export interface Execution {
  readonly record: ExecutionRecord;
  readonly head: Head;
  readonly frames: ReadonlyMap<FrameId, Frame>;
}

/** What changes with every step, whatever the size of the execution. */
export interface Head {
  readonly state: ExecutionState;
  /** How many history events there are: the next has this id plus one. */
  readonly events: number;
  /** The last visit number given out. */
  readonly visits: number;
  /** Absent until the execution is redriven. */
  readonly redrives?: Redrives;
}

/** `0` is the root; a fork is named by its visit (`7`), its children by visit and index (`7.2`). */
export type FrameId = string;
export const ROOT: FrameId = '0';

export type Frame =
  | PendingFrame
  | RunningFrame
  | HaltedFrame
  | DoneFrame
  | ForkFrame
  | MapRunFrame
  | MapRunPlanFrame
  | ItemsFrame
  | ChildFrame
  | WorkFrame;

/** Where a frame stands in the tree. */
export interface Position {
  /** The scope whose states it runs (`CompiledScope.path`). */
  readonly scope: string;
  /** The fork it belongs to and its place there; the root has none. */
  readonly fork?: FrameId;
  readonly index: number;
}

/** An iteration that has not started: it waits for its turn under MaxConcurrency. */
export interface PendingFrame extends Position {
  readonly phase: 'pending';
  readonly item: MapItem;
}

/** A frame that stays in a state. */
interface Stay extends Position {
  readonly id: FrameId;
  readonly state: string;
  /** The number of this stay, or of this attempt of it. Stimuli name it; others are stale. */
  readonly visit: number;
  /** The state's input, before InputPath. */
  readonly input: Json;
  readonly enteredMs: number;
  readonly enteredEventId: number;
  /** The event that the next one of this frame follows. */
  readonly lastEventId: number;
  /** Times each Retry rule was used in this stay, by index. */
  readonly retries: readonly number[];
  /** Those that its own states have assigned; it sees those of the frames around it, too. */
  readonly variables: JsonObject;
  /** The iteration's context ($$.Map.Item), inherited by what runs inside. */
  readonly item?: MapItem;
}

export interface RunningFrame extends Stay {
  readonly phase: 'running';
  readonly wait: Wait;
}

/** A frame that failed or was stopped in its state. A redrive goes on from there; nothing else happens to it. */
export interface HaltedFrame extends Stay {
  readonly phase: 'halted';
}

export interface MapItem {
  readonly index: number;
  readonly value: Json;
  readonly key?: string;
  /** Where a distributed Map has it from: `STATE_DATA`, `S3://bucket` or `S3://bucket/key`. */
  readonly source?: string;
}

/** What a running frame waits for. */
export type Wait =
  /** Since when it waits for a worker, or a worker has it; tasks of earlier releases do not know. */
  | { readonly for: 'task'; readonly started: boolean; readonly submitted?: true; readonly sinceMs?: number }
  | { readonly for: 'timer' }
  | { readonly for: 'retry' }
  | { readonly for: 'children' }
  /** Its turn in the present step; never at rest. */
  | { readonly for: 'turn' };

/** A branch or iteration that has ended well; kept until its siblings have. */
export interface DoneFrame extends Position {
  readonly phase: 'done';
  readonly output: Json;
}

/** The children of one stay in a Parallel or Map state. */
export interface ForkFrame {
  readonly phase: 'fork';
  /** The frame that stays in the Parallel or Map state. */
  readonly owner: FrameId;
  readonly total: number;
  /** Children started so far; the next to start has this index. */
  readonly started: number;
  readonly done: number;
}

// ------------------------------------------------------------------ distributed Map

/**
 * The Map Run of one stay in a distributed Map: how far it is. It has the fork's place in the tree (its id is the visit). What never
 * changes of it is in its own frame, `7.plan`; the items at hand are in `7.items0`, `7.items500`, ...
 */
export interface MapRunFrame {
  readonly phase: 'mapRun';
  /** The frame that stays in the Map state. */
  readonly owner: FrameId;
  readonly mapRunArn: string;
  readonly startMs: number;
  readonly thresholds: MapRunThresholds;
  readonly source: ItemSource;
  /** Items that children have, or had: the next child begins with this one. */
  readonly taken: number;
  /** Children get several items each. */
  readonly batched: boolean;
  /**
   * How many items must have come before the next batch is put together again, after those at hand were too few. It doubles, so that
   * a large batch is not computed anew with each page.
   */
  readonly batchAt?: number;
  /** Children started so far; the next has this index. */
  readonly children: number;
  readonly items: Tally;
  readonly executions: Tally;
  /** The outputs that are kept, in characters; undefined once they are more than a state can put out, and dropped. */
  readonly outputLength: number | undefined;
  /** Decided: no child starts any more. It ends when those that run have ended and the results are written. */
  readonly failure?: Failure;
  /** It has failed or was stopped, and stays for a redrive only. */
  readonly over: boolean;
  /** A stimulus to start more children is on its way. */
  readonly continued: boolean;
  /** The visit of the writer's task at work. */
  readonly writing?: number;
  /** Where the ResultWriter wrote to. */
  readonly written?: Json;
  /** Children from this index on that did not end well wait for their turn to be redriven. */
  readonly redriveFrom?: number;
  readonly redrives?: Redrives;
}

/** Where the items come from, and how many of them have come. */
export interface ItemSource {
  /** Items that have come. */
  readonly read: number;
  /** All of them, once that is known. */
  readonly total?: number;
  /** Pages of items that are at hand, by the index of their first. */
  readonly pages: readonly number[];
  readonly end: boolean;
  /** The visit of the reader's task at work. */
  readonly reading?: number;
  /** The state of the data set that was counted: another one is not read on. */
  readonly version?: string;
}

export interface MapRunPlanFrame {
  readonly phase: 'mapRunPlan';
  readonly plan: MapRunPlan;
}

export interface ItemsFrame {
  readonly phase: 'items';
  readonly items: readonly DataSetItem[];
}

/** An execution of a Map Run that has not ended, or has ended otherwise than well: a redrive goes on with it. */
export interface ChildFrame {
  readonly phase: 'child';
  readonly index: number;
  /** How many items it has. */
  readonly items: number;
  /** What the state's result tells of its end, when it did not end well and the ResultWriter's configuration wants that told. */
  readonly described?: Json;
  /** How often it was redriven: what is told of an earlier attempt does not count. */
  readonly attempt: number;
  readonly ended: boolean;
}

/** A task that the Map Run itself waits for: its id is the task's visit. */
export interface WorkFrame {
  readonly phase: 'work';
  /** The Map Run. */
  readonly mapRun: FrameId;
  readonly purpose: 'read' | 'write';
}

export const planId = (mapRun: FrameId): FrameId => `${mapRun}.plan`;
export const itemsId = (mapRun: FrameId, first: number): FrameId => `${mapRun}.items${first}`;
export const childId = (fork: FrameId, index: number): FrameId => `${fork}.${index}`;
