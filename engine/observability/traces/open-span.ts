import type { HistoryEvent } from '../../../schemas/history.ts';
import { isJsonObject, type JsonObject, member } from '../../../schemas/json.ts';

/** A piece of an execution while its history is read: from the event that begins it to the one that ends it. */
export interface OpenSpan {
  readonly kind: 'execution' | 'state' | 'iteration' | 'attempt';
  readonly name: string;
  /** Of the event that begins it. */
  readonly eventId: number;
  readonly parent: OpenSpan | undefined;
  readonly startMs: number;
  readonly attributes: Record<string, string | number>;
  readonly children: OpenSpan[];
  /** Of an attempt: when a worker had it. */
  startedMs?: number;
  /** Undefined until it has ended. */
  endMs?: number | undefined;
  /** What is wrong with it, by now. */
  error?: SpanError | undefined;
  /** The event that ends it. */
  endEventId?: number | undefined;
  /** Of a Parallel or Map: it has told that it failed, so what follows is not its own. */
  hasFailed?: boolean;
}

export interface SpanError {
  readonly type: string;
  readonly cause?: string;
}

export const STOPPED: SpanError = { type: 'aborted' };

export function openSpan(
  kind: OpenSpan['kind'],
  name: string,
  event: HistoryEvent,
  parent: OpenSpan | undefined,
  attributes: OpenSpan['attributes'],
): OpenSpan {
  const span: OpenSpan = {
    kind,
    name,
    eventId: event.id,
    parent,
    startMs: millisOf(event),
    attributes,
    children: [],
  };
  parent?.children.push(span);
  return span;
}

/** Ends a span, and what is open inside it: that was stopped with it. */
export function endSpan(span: OpenSpan, event: HistoryEvent, error: SpanError | undefined = span.error): void {
  if (span.endMs !== undefined) return;
  span.endMs = millisOf(event);
  span.endEventId = event.id;
  span.error = error;
  for (const child of span.children) endSpan(child, event, child.error ?? (error && STOPPED));
}

/** After a redrive, work goes on in what had ended. */
export function reopen(span: OpenSpan | undefined): void {
  for (let open = span; open && open.endMs !== undefined; open = open.parent) {
    open.endMs = undefined;
    open.endEventId = undefined;
    open.error = undefined;
    open.hasFailed = false;
  }
}

/** The span itself, and those around it, from the inside out. */
export function* outward(span: OpenSpan | undefined): Generator<OpenSpan> {
  for (let open = span; open; open = open.parent) yield open;
}

export const millisOf = ({ timestamp }: HistoryEvent): number => Math.round(timestamp * 1000);

/** The content of an event. */
export function detailsOf(event: HistoryEvent): JsonObject {
  for (const [name, value] of Object.entries(event)) {
    if (name.endsWith('EventDetails') && isJsonObject(value)) return value;
  }
  return {};
}

export function textIn(details: JsonObject, name: string): string | undefined {
  const value = member(details, name);
  return typeof value === 'string' ? value : undefined;
}

/** Causes may be 32 KB long, and no backend shows that. */
const CAUSE_LENGTH = 1024;

export function errorIn(event: HistoryEvent): SpanError {
  const details = detailsOf(event);
  const cause = textIn(details, 'cause')?.slice(0, CAUSE_LENGTH);
  return { type: textIn(details, 'error') ?? 'unknown', ...(cause !== undefined && { cause }) };
}
