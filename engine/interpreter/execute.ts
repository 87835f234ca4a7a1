import { StatesError } from '../../schemas/errors.ts';
import type { Eventually, Scope } from '../query/query-language.ts';
import type { Effect } from './effect.ts';
import type { FrameId, RunningFrame } from './execution.ts';
import { fork } from './fork.ts';
import type { Limits } from './limits.ts';
import type { Node } from './machine.ts';
import { beginMapRun } from './map-run/map-run.ts';
import type { Happening, Outcome } from './outcome.ts';
import type { Run } from './run.ts';
import type { Visit } from './states/state-kind.ts';
import { advance, failureOf, raise } from './transition.ts';

/** Asks the state that a frame is in what to do, and does it. */

/** Executes the state that a frame is in: a first attempt or a repeated one. */
export async function execute(run: Run, id: FrameId, visitNumber: number): Promise<void> {
  const frame = run.draft.running(id);
  // A sibling's failure may have removed the frame while it waited for its turn.
  if (frame?.visit !== visitNumber) return;
  await act(run, frame, (node, visit) => node.behaviour.enter(visit));
}

/** Goes on with a state that waited. */
export async function resume(run: Run, frame: RunningFrame, happening: Happening): Promise<void> {
  await act(run, frame, (node, visit) => {
    if (!node.behaviour.resume) throw new Error(`A ${node.type} state cannot be resumed`);
    return node.behaviour.resume(visit, happening);
  });
}

async function act(
  run: Run,
  frame: RunningFrame,
  what: (node: Node, visit: Visit) => Eventually<Outcome>,
): Promise<void> {
  const node = run.node(frame);
  let current = frame;
  try {
    const outcome = await what(node, await visitOf(run, frame, node));
    current = tell(run, frame, outcome);
    await follow(run, current, node, outcome);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    await raise(run, current, node, failureOf(frame, error));
  }
}

async function visitOf(run: Run, frame: RunningFrame, node: Node): Promise<Visit> {
  const input = await node.flow.input(run.expressionScope(frame, node, frame.input, 'input'));
  return new PresentVisit(run, frame, run.expressionScope(frame, node, input, 'work'));
}

/** A class, not a literal: most states ask neither for the token nor for the region, so both are made when asked for. */
class PresentVisit implements Visit {
  readonly frame: RunningFrame;
  readonly scope: Scope;
  readonly #run: Run;

  constructor(run: Run, frame: RunningFrame, scope: Scope) {
    this.#run = run;
    this.frame = frame;
    this.scope = scope;
  }

  get at(): number {
    return this.#run.draft.at;
  }

  get limits(): Limits {
    return this.#run.limits;
  }

  get taskToken(): string {
    return this.#run.taskToken(this.frame);
  }

  get region(): string {
    return this.#run.region;
  }
}

/** Writes the events that come with an outcome. */
function tell(run: Run, frame: RunningFrame, outcome: Outcome): RunningFrame {
  if (outcome.type === 'fork' || !outcome.events?.length) return frame;
  let lastEventId = frame.lastEventId;
  for (const event of outcome.events) lastEventId = run.draft.event(event, lastEventId);
  return { ...frame, lastEventId };
}

async function follow(run: Run, frame: RunningFrame, node: Node, outcome: Outcome): Promise<void> {
  switch (outcome.type) {
    case 'advance':
      return advance(run, frame, node, outcome.result, {
        next: outcome.next ?? node.next,
        leaving: outcome.leaving ?? node.leaving,
      });
    case 'suspend':
      for (const effect of outcome.effects) run.draft.effect(traced(run, frame, effect));
      run.draft.put(frame.id, { ...frame, wait: outcome.wait });
      return;
    case 'fork':
      if (outcome.fork.kind === 'MapRun') return beginMapRun(run, frame, node, outcome.fork);
      return fork(run, frame, node, outcome.fork);
    case 'fail': {
      const failure = outcome.heartbeat ? { ...outcome.error, heartbeat: true } : outcome.error;
      return raise(run, frame, node, failure);
    }
  }
}

/** A task knows the event that tells of it, and the trace that its execution was started in. */
function traced({ draft }: Run, { lastEventId }: RunningFrame, effect: Effect): Effect {
  if (effect.type !== 'DispatchTask') return effect;
  const { traceparent, traceHeader } = draft.execution.record;
  const trace = traceparent ?? traceHeader;
  const task = { ...effect.task, scheduledEventId: lastEventId };
  return { ...effect, task: trace === undefined ? task : { ...task, trace } };
}
