/** Where a piece of work belongs in a trace, as headers say it. */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** A trace that a request has begun elsewhere. What is undefined, it does not say. */
export interface GivenTrace {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean | undefined;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads the header `traceparent` (W3C Trace Context, level 1); undefined when the text is none. */
export function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags ?? '0', 16) & 1) === 1 };
}

export const formatTraceparent = ({ traceId, spanId, sampled }: SpanContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** Reads the tracing header of AWS X-Ray: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. */
function parseXRayHeader(text: string): GivenTrace | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`(?:^|;)\\s*${name}=([^;\\s]+)`, 'i').exec(text)?.[1]?.toLowerCase();
  const [, seconds, rest] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(field('Root') ?? '') ?? [];
  if (seconds === undefined || rest === undefined) return undefined;
  const parent = field('Parent');
  const sampled = field('Sampled');
  return {
    traceId: seconds + rest,
    parentSpanId: parent !== undefined && /^[0-9a-f]{16}$/.test(parent) ? parent : undefined,
    sampled: sampled === '0' || sampled === '1' ? sampled === '1' : undefined,
  };
}

/** The same as the header of X-Ray, which Lambda functions know. */
export const formatXRayHeader = ({ traceId, spanId, sampled }: SpanContext): string =>
  `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled ? 1 : 0}`;

/** Reads either header; undefined when the text is neither. */
export function parseGivenTrace(text: string): GivenTrace | undefined {
  const context = parseTraceparent(text);
  if (!context) return parseXRayHeader(text);
  return { traceId: context.traceId, parentSpanId: context.spanId, sampled: context.sampled };
}
