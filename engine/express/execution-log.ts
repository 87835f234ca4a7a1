import type { HistoryEvent } from '../../schemas/history.ts';
import type { JsonObject } from '../../schemas/json.ts';
import type { Log } from '../runtime/log.ts';

/** What the machine's loggingConfiguration asks for. */
export interface LogSettings {
  readonly level: LogLevel;
  /** Whether inputs and outputs are told, too. */
  readonly includeExecutionData: boolean;
}

export type LogLevel = 'ALL' | 'ERROR' | 'FATAL' | 'OFF';

/**
 * Tells of an Express execution's events: the log is the only place where they can be read. A line has the members that
 * Step Functions writes to CloudWatch Logs, ids and instants as texts.
 */
export function logEvents(
  log: Log,
  executionArn: string,
  events: readonly HistoryEvent[],
  { level, includeExecutionData }: LogSettings,
): void {
  if (level === 'OFF') return;
  for (const event of events) {
    const weight = weightOf(event.type);
    if (weight < LEAST_WEIGHT[level]) continue;
    const line = {
      id: String(event.id),
      type: event.type,
      details: detailsOf(event, includeExecutionData),
      previous_event_id: String(event.previousEventId),
      event_timestamp: String(Math.round(event.timestamp * 1000)),
      execution_arn: executionArn,
      redrive_count: '0',
    };
    if (weight > LEAST_WEIGHT.ALL) log.warn(line, 'express execution');
    else log.info(line, 'express execution');
  }
}

const LEAST_WEIGHT = { ALL: 0, ERROR: 1, FATAL: 2 } as const;

const FATAL: ReadonlySet<string> = new Set(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut']);

/** Which levels have a type of event (Step Functions: "Log levels for Step Functions execution events"). */
function weightOf(type: string): number {
  if (FATAL.has(type)) return LEAST_WEIGHT.FATAL;
  return type === 'FailStateEntered' || /(Aborted|Failed|TimedOut)$/.test(type) ? LEAST_WEIGHT.ERROR : LEAST_WEIGHT.ALL;
}

/** Members of event details that hold what went through the execution. */
const DATA: ReadonlySet<string> = new Set([
  'assignedVariables',
  'assignedVariablesDetails',
  'input',
  'inputDetails',
  'output',
  'outputDetails',
  'parameters',
]);

function detailsOf(event: HistoryEvent, includeData: boolean): JsonObject {
  const name = Object.keys(event).find((key): key is `${string}EventDetails` => key.endsWith('EventDetails'));
  const details = name === undefined ? undefined : event[name];
  if (!details) return {};
  if (includeData) return details;
  return Object.fromEntries(Object.entries(details).filter(([key]) => !DATA.has(key)));
}
