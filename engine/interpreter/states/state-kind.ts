import type { Json } from '../../../schemas/json.ts';
import type { StateContext } from '../../asl/machine.ts';
import type { DataFlow, Eventually, QueryLanguage, Scope } from '../../query/query-language.ts';
import type { MapItem, RunningFrame } from '../execution.ts';
import type { Limits } from '../limits.ts';
import type { Happening, Outcome } from '../outcome.ts';

/**
 * A state type: compiles one state of it to its behaviour. Faults are reported to `context.at`.
 * Next, data flow, Retry, Catch and history are the interpreter's, the same for all.
 */
export type StateKind = (context: KindContext) => Behaviour;

export interface KindContext extends StateContext {
  readonly query: QueryLanguage;
  readonly flow: DataFlow;
}

export interface Behaviour {
  enter(visit: Visit): Eventually<Outcome>;
  /** Only states that suspend have it. */
  resume?(visit: Visit, happening: Happening): Eventually<Outcome>;
  /** Only Map has it: the input of an iteration that is about to start, by its ItemSelector. */
  iterationInput?(scope: Scope, item: MapItem): Eventually<Json>;
}

/** One stay in a state, as the state sees it. */
export interface Visit {
  readonly at: number;
  readonly frame: RunningFrame;
  /** What expressions see; `scope.input` is the effective input. */
  readonly scope: Scope;
  readonly taskToken: string;
  readonly region: string;
  readonly limits: Limits;
}
