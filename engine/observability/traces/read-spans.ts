import type { HistoryEvent } from '../../../schemas/history.ts';
import { member } from '../../../schemas/json.ts';
import {
  detailsOf,
  endSpan,
  errorIn,
  millisOf,
  type OpenSpan,
  openSpan,
  outward,
  reopen,
  STOPPED,
  textIn,
} from './open-span.ts';

const TASK = /^(?:Activity|LambdaFunction|Task)(Scheduled|Started|Submitted|Succeeded|Failed|TimedOut|\w+Failed)$/;
const CONTAINER = /^(Parallel|Map)State(Started|Succeeded|Failed)$/;

/**
 * Reads a history into spans, event by event: the execution, its states, iterations and attempts of tasks. Events name the one that they
 * follow, not what they belong to: that is followed from event to event. Nothing is thrown: what cannot be placed is left out.
 */
export class SpanReader {
  /** The execution, with all others inside; undefined when the history does not begin with its start. */
  root: OpenSpan | undefined;
  readonly #name: string;
  /** The innermost span that each event belongs to; of one that leaves a span, the span around it. */
  readonly #places = new Map<number, OpenSpan>();
  /** States by name and iterations by state and index, the last ones last: where the event before does not lead to them. */
  readonly #begun = new Map<string, OpenSpan[]>();

  constructor(name: string) {
    this.#name = name;
  }

  read(event: HistoryEvent): void {
    const place = this.#read(event) ?? this.#places.get(event.previousEventId);
    if (place) this.#places.set(event.id, place);
  }

  /** Answers the place of the event, when it is another than that of the event before. */
  #read(event: HistoryEvent): OpenSpan | undefined {
    const { type } = event;
    const before = this.#places.get(event.previousEventId) ?? this.root;
    if (type.startsWith('Execution')) return this.#execution(event, type.slice('Execution'.length));
    if (type.endsWith('StateEntered')) return this.#enter(event, type.slice(0, -'StateEntered'.length), before);
    if (type.endsWith('StateExited')) return this.#exit(event, before);
    if (type.startsWith('MapIteration')) return this.#iteration(event, type.slice('MapIteration'.length), before);
    if (type === 'EvaluationFailed') return this.#evaluationFailed(event, before);
    if (type.startsWith('MapRun')) return this.#mapRun(event, before);
    const [, kind, container] = CONTAINER.exec(type) ?? [];
    if (kind !== undefined) return this.#container(event, kind, container, before);
    const [, what] = TASK.exec(type) ?? [];
    return what === undefined ? undefined : this.#task(event, what, before);
  }

  #execution(event: HistoryEvent, what: string): OpenSpan | undefined {
    if (what === 'Started') this.root = openSpan('execution', this.#name, event, undefined, {});
    else if (what === 'Redriven') reopen(this.root);
    else if (this.root) {
      const error = what === 'Succeeded' ? undefined : endError(event, what);
      if (what === 'Failed') blame(this.#places.get(event.previousEventId), error);
      endSpan(this.root, event, error);
    }
    return this.root;
  }

  #enter(event: HistoryEvent, type: string, before: OpenSpan | undefined): OpenSpan | undefined {
    // The one before was left, or it is what this state begins in.
    const around = [...outward(before)].find((span) => isScope(span));
    reopen(around);
    const name = textIn(detailsOf(event), 'name') ?? '';
    if (!around) return undefined;
    const attributes = { 'stepyard.state.name': name, 'stepyard.state.type': type };
    return this.#begin(name, openSpan('state', name, event, around, attributes));
  }

  #begin(key: string, span: OpenSpan): OpenSpan {
    const begun = this.#begun.get(key);
    if (begun) begun.push(span);
    else this.#begun.set(key, [span]);
    return span;
  }

  /** The last one that is open. */
  #last(key: string): OpenSpan | undefined {
    const begun = this.#begun.get(key) ?? [];
    while (begun.length > 1 && begun.at(-1)?.endMs !== undefined) begun.pop();
    const last = begun.at(-1);
    return last?.endMs === undefined ? last : undefined;
  }

  #exit(event: HistoryEvent, before: OpenSpan | undefined): OpenSpan | undefined {
    const state = this.#named(before, textIn(detailsOf(event), 'name'));
    if (!state) return undefined;
    // It had ended when it was redriven.
    reopen(state);
    endSpan(state, event);
    return state.parent;
  }

  /** The state of a name that an event is about: around the event before it, else the last open one. */
  #named(before: OpenSpan | undefined, name = ''): OpenSpan | undefined {
    return [...outward(before)].find((span) => span.kind === 'state' && span.name === name) ?? this.#last(name);
  }

  #container(
    event: HistoryEvent,
    kind: string,
    what: string | undefined,
    before: OpenSpan | undefined,
  ): OpenSpan | undefined {
    const state = [...outward(before)].find(
      (span) => span.attributes['stepyard.state.type'] === kind && !span.hasFailed,
    );
    if (!state) return undefined;
    if (what === 'Failed') {
      state.hasFailed = true;
      state.error ??= lastError(state) ?? { type: 'unknown' };
    } else if (what === 'Succeeded') state.error = undefined;
    else {
      // Another attempt: what is left of the one before was stopped.
      reopen(state);
      state.error = undefined;
      for (const child of state.children) endSpan(child, event, child.error ?? STOPPED);
    }
    return state;
  }

  #iteration(event: HistoryEvent, what: string, before: OpenSpan | undefined): OpenSpan | undefined {
    const details = detailsOf(event);
    const name = textIn(details, 'name');
    const index = Number(member(details, 'index') ?? 0);
    // No name of a state ends so: it has 80 characters at most.
    const key = `${name}[${index}]`.padEnd(100);
    if (what === 'Started') {
      const map = this.#named(before, name);
      const attributes = { 'stepyard.map.index': index };
      return map && this.#begin(key, openSpan('iteration', `${map.name}[${index}]`, event, map, attributes));
    }
    const around = [...outward(before)].find(({ kind, name: own }) => kind === 'iteration' && own === key.trimEnd());
    const iteration = around ?? this.#last(key);
    if (!iteration) return undefined;
    if (what === 'Failed') endSpan(iteration, event, lastError(iteration) ?? { type: 'unknown' });
    else endSpan(iteration, event, what === 'Aborted' ? STOPPED : undefined);
    // What fails goes on around it, and what is stopped follows what stopped it.
    return what === 'Succeeded' ? iteration.parent : undefined;
  }

  #evaluationFailed(event: HistoryEvent, before: OpenSpan | undefined): OpenSpan | undefined {
    const state = this.#named(before, textIn(detailsOf(event), 'state'));
    if (state) state.error = errorIn(event);
    return state;
  }

  #mapRun(event: HistoryEvent, before: OpenSpan | undefined): OpenSpan | undefined {
    const map = [...outward(before)].find((span) => span.attributes['stepyard.state.type'] === 'Map');
    const mapRunArn = textIn(detailsOf(event), 'mapRunArn');
    if (map && mapRunArn !== undefined) map.attributes['stepyard.map_run.arn'] = mapRunArn;
    if (map && event.type === 'MapRunFailed') map.error = errorIn(event);
    return map;
  }

  #task(event: HistoryEvent, what: string, before: OpenSpan | undefined): OpenSpan | undefined {
    const state = [...outward(before)].find(({ kind }) => kind === 'state');
    if (what === 'Scheduled') {
      reopen(state);
      if (state) state.error = undefined;
      return state && openSpan('attempt', nameOf(event), event, state, attemptAttributes(event));
    }
    // An attempt that could not be scheduled was never begun.
    const attempt = before?.kind === 'attempt' ? before : undefined;
    if (what === 'Started' || what === 'Submitted') {
      if (attempt) attempt.startedMs ??= millisOf(event);
      const workerName = textIn(detailsOf(event), 'workerName');
      if (attempt && workerName !== undefined) attempt.attributes['stepyard.worker.name'] = workerName;
      return attempt;
    }
    const error = what === 'Succeeded' ? undefined : errorIn(event);
    if (attempt) endSpan(attempt, event, error);
    if (state) state.error = error;
    return state;
  }
}

/** What states begin in. */
const isScope = ({ kind, attributes }: OpenSpan): boolean =>
  kind === 'execution' || kind === 'iteration' || attributes['stepyard.state.type'] === 'Parallel';

/** A state that no event tells a failure of, such as a Fail state: the end of the execution follows it, and has its error. */
function blame(place: OpenSpan | undefined, error: OpenSpan['error']): void {
  const state = [...outward(place)].find(({ kind }) => kind === 'state');
  if (state && state.endMs === undefined) state.error ??= error;
}

/** The error of the child that failed: the others were stopped. */
const lastError = ({ children }: OpenSpan): OpenSpan['error'] =>
  children.findLast(({ error }) => error !== undefined && error !== STOPPED)?.error;

function endError(event: HistoryEvent, what: string): NonNullable<OpenSpan['error']> {
  const error = errorIn(event);
  return error.type === 'unknown' && what === 'Aborted' ? { ...error, type: 'aborted' } : error;
}

/** `pay` of an activity or a function, `states:startExecution` of a service. */
function nameOf(event: HistoryEvent): string {
  const details = detailsOf(event);
  const resource = textIn(details, 'resource') ?? '';
  const service = textIn(details, 'resourceType');
  return service === undefined ? (resource.split(':')[6] ?? resource) : `${service}:${resource}`;
}

function attemptAttributes(event: HistoryEvent): OpenSpan['attributes'] {
  const details = detailsOf(event);
  const resource = textIn(details, 'resource') ?? '';
  const service = textIn(details, 'resourceType');
  return { 'stepyard.task.resource': service === undefined ? resource : `${service}:${resource}` };
}
