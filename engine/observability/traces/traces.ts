import { setTimeout as delay } from 'node:timers/promises';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { HistoryEvent } from '../../../schemas/history.ts';
import type { PendingTask } from '../../../schemas/task.ts';
import { formatTraceparent } from '../../../schemas/trace.ts';
import { type ExecutionClosed, type Log, type Store, TELEMETRY } from '../../index.ts';
import { spanIdOf, traceOf } from './identity.ts';
import type { OpenSpan } from './open-span.ts';
import { SpanReader } from './read-spans.ts';
import type { Environment, Sampling } from './sampling.ts';
import { toldSpans } from './told-spans.ts';
import { WorkerSpans } from './worker-spans.ts';

export interface TracesOptions {
  readonly env: Environment;
  readonly store: Pick<Store, 'executions'>;
  readonly version: string;
  readonly log: Log;
  /** Hears of each execution whose trace is not sent. */
  onDropped(reason: DropReason): void;
}

export type DropReason = 'queue_full' | 'unreadable' | 'not_taken';

export interface Traces {
  /** The header that tells a worker which span its task is (W3C Trace Context); undefined when the task does not know. */
  traceparentOf(task: Pick<PendingTask, 'id' | 'scheduledEventId' | 'trace'>): string | undefined;
  /** Sends what is left, but waits no longer than so many milliseconds. */
  stop(drainMs: number): Promise<void>;
}

/** Executions that wait for their traces to be sent; what closes beyond that is not traced. */
const MAX_WAITING = 1000;
/** Executions whose workers' spans are remembered. */
const MAX_REMEMBERED = 10_000;
const PAGE_EVENTS = 500;
/** Spans of one request to the collector. */
const SPANS_PER_REQUEST = 500;

/**
 * Traces by OpenTelemetry, when its environment variables name a collector; else undefined, and nothing of it is loaded.
 * An execution is told of when it closes, from its history: off the way of all requests, and in whatever order its steps were done.
 *
 * @throws Error for settings that cannot be used, in a sentence
 */
export async function createTraces(options: TracesOptions): Promise<Traces | undefined> {
  const { env } = options;
  if (!isConfigured(env)) return undefined;
  const sampling = await readSampling(env);
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const sender = new TraceSender(options, sampling, new OTLPTraceExporter());
  return {
    traceparentOf({ id, scheduledEventId, trace: given }) {
      if (scheduledEventId === undefined) return undefined;
      const trace = traceOf(id.executionId, given);
      const spanId = spanIdOf(id.executionId, scheduledEventId);
      return formatTraceparent({ traceId: trace.traceId, spanId, sampled: sampling(trace) });
    },
    stop: (drainMs) => sender.stop(drainMs),
  };
}

/** @throws Error for settings that cannot be used, in a sentence */
export async function checkTraceSettings(env: Environment): Promise<void> {
  if (isConfigured(env)) await readSampling(env);
}

async function readSampling(env: Environment): Promise<Sampling> {
  const { samplingFrom } = await import('./sampling.ts');
  return samplingFrom(env);
}

function isConfigured(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return false;
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
}

interface Waiting {
  readonly executionArn: string;
  readonly workers: ReadonlyMap<number, string>;
}

/** Sends the trace of one execution after the other. */
class TraceSender {
  readonly #options: TracesOptions;
  readonly #exporter: SpanExporter;
  readonly #resource;
  readonly #workers = new WorkerSpans(MAX_REMEMBERED);
  readonly #waiting: Waiting[] = [];
  readonly #stopListening: (() => void)[];
  #sending: Promise<void> | undefined;

  constructor(options: TracesOptions, sampling: Sampling, exporter: SpanExporter) {
    this.#options = options;
    this.#exporter = exporter;
    this.#resource = resourceFromAttributes({
      [ATTR_SERVICE_NAME]: options.env['OTEL_SERVICE_NAME'] || 'stepyard',
      [ATTR_SERVICE_VERSION]: options.version,
    });
    this.#stopListening = [
      TELEMETRY.taskEnded.listen(({ executionArn, eventId, traceparent }) => {
        if (traceparent !== undefined) this.#workers.note(executionArn, eventId, traceparent);
      }),
      TELEMETRY.executionClosed.listen((closed) => this.#closed(closed, sampling)),
    ];
  }

  #closed({ executionArn, executionId, trace }: ExecutionClosed, sampling: Sampling): void {
    const workers = this.#workers.take(executionArn);
    if (!sampling(traceOf(executionId, trace))) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#options.onDropped('queue_full');
      return;
    }
    this.#waiting.push({ executionArn, workers });
    this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#send(next);
    this.#sending = undefined;
  }

  async #send({ executionArn, workers }: Waiting): Promise<void> {
    const { store, log, onDropped } = this.#options;
    let spans: Iterable<ReadableSpan>;
    try {
      const record = await store.executions.describe(executionArn);
      const root = record && (await rootOf(store, executionArn, record.stateMachineName));
      // An Express child of a Map Run has no history.
      if (!record || !root) return;
      spans = toldSpans(root, { record, status: record.status, resource: this.#resource, workers });
    } catch (error) {
      log.warn({ executionArn, err: error }, 'the trace of an execution could not be read');
      return onDropped('unreadable');
    }
    const failure = await this.#export(spans);
    if (failure === undefined) return;
    log.warn({ executionArn, err: failure }, 'the trace of an execution could not be sent');
    onDropped('not_taken');
  }

  /** Answers why the collector did not take them. */
  async #export(spans: Iterable<ReadableSpan>): Promise<Error | undefined> {
    let batch: ReadableSpan[] = [];
    const send = (): Promise<Error | undefined> =>
      new Promise((resolve) => {
        this.#exporter.export(batch, ({ code, error }) =>
          resolve(code === 0 ? undefined : (error ?? new Error('refused'))),
        );
      });
    for (const span of spans) {
      batch.push(span);
      if (batch.length < SPANS_PER_REQUEST) continue;
      const failure = await send();
      if (failure) return failure;
      batch = [];
    }
    return batch.length > 0 ? send() : undefined;
  }

  async stop(drainMs: number): Promise<void> {
    for (const stop of this.#stopListening) stop();
    const late = new AbortController();
    await Promise.race([this.#sending, delay(drainMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    await this.#exporter.shutdown();
  }
}

/** Page by page, and others have their turn between two: a history may have 25,000 events. */
async function rootOf(
  { executions }: Pick<Store, 'executions'>,
  executionArn: string,
  name: string,
): Promise<OpenSpan | undefined> {
  const reader = new SpanReader(name);
  for (let start = 0; ; start += PAGE_EVENTS) {
    const page = await executions.history(executionArn, { start, limit: PAGE_EVENTS, reverse: false });
    for (const text of page?.events ?? []) reader.read(JSON.parse(text) as HistoryEvent);
    if (!page || start + PAGE_EVENTS >= page.total) return reader.root;
  }
}
