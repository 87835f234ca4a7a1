import type { Json } from '../../schemas/json.ts';
import { enterFirstState, setExecutionTimer } from './begin.ts';
import { childId, type FrameId, type HaltedFrame, ROOT, type RunningFrame } from './execution.ts';
import { startIterations } from './fork.ts';
import { dropChildren } from './halt.ts';
import { redriveMapRun } from './map-run/map-run.ts';
import type { Run } from './run.ts';
import type { RedriveEdits, Stimulus } from './stimulus.ts';
import { enterState } from './transition.ts';

/** What goes with a redrive through the tree of frames. */
interface Redrive {
  readonly redrivenEventId: number;
  readonly input: RedriveEdits['input'];
}

/**
 * Goes on where an execution ended without success (Step Functions: "Restarting state machine executions with redrive"). Each
 * state that failed or was stopped is executed again: with its input, its entered time and all attempts of its Retry, but
 * it is not entered again. Branches and iterations that had ended well keep their outputs. All timeouts begin anew.
 *
 * What is edited is no redrive of AWS's: a state that gets another input, or is chosen instead, is entered, so that the history tells it.
 */
export async function redrive(run: Run, { count, edits }: Extract<Stimulus, { type: 'Redriven' }>): Promise<void> {
  const { draft } = run;
  if (draft.isOpen) return;
  const redrivenEventId = draft.reopen(count);
  setExecutionTimer(run);
  const root = draft.frame(ROOT);
  // It could not even begin, for want of a definition that can be run.
  if (root?.phase !== 'halted') enterFirstState(run, edits?.state, inputFor(ROOT, edits?.input));
  else if (edits?.state !== undefined) enterAgain(run, root, edits.state, inputFor(ROOT, edits.input) ?? root.input);
  else await goOn(run, ROOT, { redrivenEventId, input: edits?.input });
}

async function goOn(run: Run, id: FrameId, redriven: Redrive): Promise<void> {
  const { draft } = run;
  const halted = draft.frame(id);
  if (halted?.phase !== 'halted') return;
  const input = inputFor(id, redriven.input);
  if (input !== undefined) return enterAgain(run, halted, halted.state, input);
  const fork = draft.frame(String(halted.visit));
  if (fork?.phase === 'mapRun') return redriveMapRun(run, halted, fork, redriven.redrivenEventId);
  if (fork?.phase === 'fork') return goOnWithChildren(run, halted, redriven);
  // AWS links what the state does next to its Entered event, but the end that a Fail state brings to the redrive.
  const lastEventId = run.node(halted).type === 'Fail' ? redriven.redrivenEventId : halted.enteredEventId;
  const wait = { for: 'turn' } as const;
  const visit = draft.nextVisit();
  draft.put(id, { ...halted, phase: 'running', visit, retries: [], lastEventId, wait });
  run.schedule(id, visit);
}

/** A Parallel or Map whose children did not all end well. The stay keeps its visit: its fork is named by it. */
async function goOnWithChildren(run: Run, halted: HaltedFrame, redriven: Redrive): Promise<void> {
  const { draft } = run;
  const owner: RunningFrame = { ...halted, phase: 'running', retries: [], wait: { for: 'children' } };
  draft.put(owner.id, owner);
  const forkId: FrameId = String(owner.visit);
  const started = draft.fork(forkId)?.started ?? 0;
  const phases = Array.from({ length: started }, (_, index) => draft.frame(childId(forkId, index))?.phase);
  for (const index of phases.keys()) await goOn(run, childId(forkId, index), redriven);
  // Those whose turn had come when an ItemSelector failed. Further ones wait until one of these has ended.
  const first = phases.indexOf('pending');
  if (first >= 0) await startIterations(run, owner, run.node(owner), forkId, first, started, owner.lastEventId);
}

/** A new stay of the frame. It follows the Entered event of the old one, as what a redriven state does next. */
function enterAgain(run: Run, halted: HaltedFrame, name: string, input: Json): void {
  dropChildren(run, halted);
  enterState(run, { ...halted, lastEventId: halted.enteredEventId }, name, input);
}

const inputFor = (id: FrameId, input: RedriveEdits['input']): Json | undefined =>
  input?.frame === id ? (JSON.parse(input.text) as Json) : undefined;
