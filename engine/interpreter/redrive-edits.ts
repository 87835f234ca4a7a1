import type { Definition, StateDefinition } from '../../schemas/definition.ts';
import type { ExecutionRecord } from '../../schemas/execution.ts';
import type { Json } from '../../schemas/json.ts';
import { allScopes, innerScopes, rootScope, type ScopePlace } from '../asl/scopes.ts';
import { isDistributed } from '../query/map-mode.ts';
import { inputOf } from './context-object.ts';
import { childId, type Frame, type FrameId, type HaltedFrame, ROOT } from './execution.ts';
import type { RedriveEdits } from './stimulus.ts';

/** What somebody wants changed with a redrive, checked against what is left of the execution. */

export interface RedriveWish {
  /** The top-level state to go on in. */
  readonly state?: string;
  /** Which of the halted states has another input, as {@link HaltedState.path} names it; not needed when there is one. */
  readonly at?: string;
  /** Makes the input to go on with, of the one that there is; a JSON text. */
  readonly input?: (present: Json) => string;
  /** The definition to go on with, and what to call it. */
  readonly revision?: { readonly name: string; readonly definition: Definition };
}

/** What is left of an execution that ended without success. */
export interface Remains {
  readonly record: ExecutionRecord;
  readonly frames: ReadonlyMap<FrameId, Frame>;
  /** What it has run. */
  readonly definition: Definition;
}

/** The wish cannot be granted; the message is a sentence for who has it. */
export class EditRefused extends Error {}

/** A state that a redrive executes again, or whose children it goes on with. */
export interface HaltedState {
  readonly frame: HaltedFrame;
  /** The names of the states from the outermost on, with the numbers of branches and iterations: `Each[3]/Charge`. */
  readonly path: string;
  readonly below: 'nothing' | 'children' | 'mapRun';
}

/**
 * What the interpreter is to do.
 *
 * @throws EditRefused
 */
export function editsOf(wish: RedriveWish, remains: Remains): RedriveEdits {
  const halted = [...haltedStates(remains.frames)];
  const { state } = wish;
  const edited = wish.input === undefined && wish.at === undefined ? undefined : chosenFrame(wish, halted);
  if (state === undefined) {
    if (wish.revision) checkRevision(wish.revision, remains, halted, edited);
  } else checkState(state, wish.revision?.definition ?? remains.definition);
  const input = wish.input && {
    frame: edited?.frame.id ?? ROOT,
    text: wish.input(edited?.frame.input ?? inputOf(remains.record)),
  };
  return { ...(state !== undefined && { state }), ...(input && { input }) };
}

/** All of them, outer ones before those inside. */
export function* haltedStates(frames: Remains['frames'], id: FrameId = ROOT, prefix = ''): Generator<HaltedState> {
  const frame = frames.get(id);
  if (frame?.phase !== 'halted') return;
  const path = prefix + frame.state;
  const forkId: FrameId = String(frame.visit);
  const fork = frames.get(forkId);
  if (fork?.phase !== 'fork') return yield { frame, path, below: fork?.phase === 'mapRun' ? 'mapRun' : 'nothing' };
  yield { frame, path, below: 'children' };
  for (let index = 0; index < fork.started; index += 1) {
    yield* haltedStates(frames, childId(forkId, index), `${path}[${index}]/`);
  }
}

/** The state whose input is edited; undefined when the execution has not begun. */
function chosenFrame({ state, at, input }: RedriveWish, halted: readonly HaltedState[]): HaltedState | undefined {
  if (state !== undefined && at !== undefined) {
    throw new EditRefused(
      `The execution is to go on in '${state}': which of the halted states has the input is no question then.`,
    );
  }
  if (at !== undefined && input === undefined) {
    throw new EditRefused(`It is not said what the input at '${at}' is to be.`);
  }
  if (state !== undefined) return halted[0];
  if (at !== undefined) {
    const named = halted.find(({ path }) => path === at);
    if (!named) throw new EditRefused(`There is no halted state '${at}'. ${tell(halted)}`);
    return named;
  }
  const [only, ...others] = halted.filter(({ below }) => below === 'nothing');
  if (halted.length > 0 && (!only || others.length > 0)) {
    throw new EditRefused(`It must be said which state has the input. ${tell(halted)}`);
  }
  return only;
}

const MOST_TOLD = 10;

function tell(halted: readonly HaltedState[]): string {
  if (halted.length === 0) return 'The execution has not entered any state.';
  const names = halted.slice(0, MOST_TOLD).map(({ path }) => `'${path}'`);
  const more = halted.length - names.length;
  return `Halted are ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

function checkState(state: string, { States }: Definition): void {
  if (Object.hasOwn(States, state)) return;
  throw new EditRefused(`There is no state '${state}' at the top level of the definition.`);
}

/** States that are gone on with must be in the other revision what they were, and so must what is around them. */
function checkRevision(
  { name, definition }: NonNullable<RedriveWish['revision']>,
  remains: Remains,
  halted: readonly HaltedState[],
  edited: HaltedState | undefined,
): void {
  const before = placesOf(remains.definition);
  const after = placesOf(definition);
  for (const stay of halted) {
    // What is below a state that is entered anew goes.
    if (edited && stay.path.startsWith(`${edited.path}[`)) continue;
    const { scope, state } = stay.frame;
    const misfit = misfitOf(stay, stay === edited, stateOf(before.get(scope), state), stateOf(after.get(scope), state));
    if (misfit !== undefined) throw new EditRefused(`The execution cannot go on with ${name}: ${misfit}.`);
  }
}

/** Why a state cannot be gone on with as it is in another revision. */
function misfitOf(
  { path, below }: HaltedState,
  isEdited: boolean,
  was: Found | undefined,
  is: Found | undefined,
): string | undefined {
  if (!is) return `it has halted in '${path}', and there is no such state`;
  if (was?.state.Type !== is.state.Type) {
    return `it has halted in '${path}', which was a ${was?.state.Type} and is a ${is.state.Type} there`;
  }
  if (below === 'nothing' || isEdited) return undefined;
  if (below === 'mapRun') {
    return `it goes on with child executions of the distributed Map '${path}', and these keep the revision that they were started with`;
  }
  if (shapeOf(was) === shapeOf(is)) return undefined;
  return `it goes on inside '${path}', which has other branches or another processor there`;
}

interface Found {
  readonly scope: ScopePlace;
  readonly name: string;
  readonly state: StateDefinition;
}

const placesOf = (definition: Definition): Map<string, ScopePlace> =>
  new Map(allScopes(rootScope(definition)).map((scope) => [scope.path, scope]));

function stateOf(scope: ScopePlace | undefined, name: string): Found | undefined {
  const states: Record<string, StateDefinition> = scope?.definition.States ?? {};
  const state = Object.hasOwn(states, name) ? states[name] : undefined;
  return scope && state && { scope, name, state };
}

/** What children there are of a Parallel or Map, and how they run. */
const shapeOf = ({ scope, name, state }: Found): string =>
  JSON.stringify([isDistributed(state), innerScopes(scope, name, state).map(({ path }) => path)]);
