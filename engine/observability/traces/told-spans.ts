import { type HrTime, type Link, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { ExecutionRecord } from '../../../schemas/execution.ts';
import { parseTraceparent } from '../../../schemas/trace.ts';
import { ROOT_EVENT, spanIdOf, traceOf } from './identity.ts';
import type { OpenSpan } from './open-span.ts';

/** Spans in the form in which OpenTelemetry's exporters take them. */

export interface Telling {
  readonly record: ExecutionRecord;
  readonly status: string;
  readonly resource: Resource;
  /** The spans of workers, by the event that ended their attempt. */
  readonly workers: ReadonlyMap<number, string>;
}

/** The span and all inside it, those around before those inside. */
export function* toldSpans(root: OpenSpan, telling: Telling): Generator<ReadableSpan> {
  const { executionId, traceparent, traceHeader } = telling.record;
  const trace = traceOf(executionId, traceparent ?? traceHeader);
  const left = [root];
  for (let span = left.pop(); span; span = left.pop()) {
    yield told(span, trace.traceId, parentOf(span, telling, trace.parentSpanId), telling);
    for (const child of span.children.toReversed()) left.push(child);
  }
}

/** A child of a Map Run that shares its parent's trace is inside that; one with a trace of its own is linked to it. */
function parentOf({ parent }: OpenSpan, { record }: Telling, given: string | undefined): string | undefined {
  if (parent) return spanIdOf(record.executionId, parent.eventId);
  if (record.child && given !== undefined) return spanIdOf(record.child.parent, ROOT_EVENT);
  return given;
}

function told(span: OpenSpan, traceId: string, parentSpanId: string | undefined, telling: Telling): ReadableSpan {
  const { executionId } = telling.record;
  const contextOf = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });
  const startTime = hrTime(span.startMs);
  const endTime = hrTime(span.endMs ?? span.startMs);
  const { startedMs } = span;
  return {
    name: span.name,
    kind: span.kind === 'attempt' ? SpanKind.PRODUCER : SpanKind.INTERNAL,
    spanContext: () => contextOf(spanIdOf(executionId, span.eventId)),
    ...(parentSpanId !== undefined && { parentSpanContext: contextOf(parentSpanId) }),
    startTime,
    endTime,
    duration: hrTime((span.endMs ?? span.startMs) - span.startMs),
    ended: true,
    status: span.error ? { code: SpanStatusCode.ERROR, message: messageOf(span.error) } : { code: SpanStatusCode.OK },
    attributes: attributesOf(span, telling),
    links: linksOf(span, telling),
    events:
      startedMs === undefined
        ? []
        : [{ name: 'started', time: hrTime(startedMs), attributes: {}, droppedAttributesCount: 0 }],
    resource: telling.resource,
    instrumentationScope: { name: 'stepyard' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const messageOf = ({ type, cause }: NonNullable<OpenSpan['error']>): string =>
  cause === undefined ? type : `${type}: ${cause}`;

function attributesOf({ kind, attributes, error }: OpenSpan, { record, status }: Telling): ReadableSpan['attributes'] {
  const { executionArn, stateMachineArn } = record;
  return {
    'stepyard.execution.arn': executionArn,
    ...(kind === 'execution' && {
      'aws.step_functions.state_machine.arn': stateMachineArn,
      'stepyard.execution.status': status,
    }),
    ...attributes,
    ...(error && { [ATTR_ERROR_TYPE]: error.type }),
  };
}

function linksOf({ kind, endEventId }: OpenSpan, { record, workers }: Telling): Link[] {
  const links: Link[] = [];
  const worker = kind === 'attempt' && endEventId !== undefined ? workers.get(endEventId) : undefined;
  const context = worker === undefined ? undefined : parseTraceparent(worker);
  if (context) {
    const { traceId, spanId, sampled } = context;
    links.push({
      context: { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true },
      attributes: { 'stepyard.link': 'worker' },
    });
  }
  const { child, traceparent, traceHeader } = record;
  if (kind === 'execution' && child) {
    const { traceId } = traceOf(child.parent, traceparent ?? traceHeader);
    links.push({
      context: { traceId, spanId: spanIdOf(child.parent, ROOT_EVENT), traceFlags: TraceFlags.SAMPLED },
      attributes: { 'stepyard.link': 'parent', 'stepyard.map_run.arn': child.mapRunArn },
    });
  }
  return links;
}

const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
