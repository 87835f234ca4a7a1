import { parseArn } from '../../schemas/arn.ts';
import type { ExecutionRecord } from '../../schemas/execution.ts';
import { changeId, type StatusChange } from '../../schemas/webhook.ts';
import { digest } from '../query/digest.ts';

/** What input and output may have together, as JSON strings, in bytes ("Automating Step Functions event delivery with EventBridge"). */
const MAX_DATA_BYTES = 248 * 1024;

/**
 * A status change as AWS sends it to EventBridge: `Step Functions Execution Status Change`, with the members that DescribeExecution has.
 * The same change always gives the same text.
 */
export function statusEvent(execution: ExecutionRecord, change: StatusChange): { eventId: string; body: string } {
  const { executionArn, startMs } = execution;
  const { state, redrives } = change;
  const { accountId, region } = parseArn(executionArn);
  const eventId = idOf(execution, change);
  const stopMs = state.status === 'RUNNING' ? undefined : state.stopMs;
  const event = {
    version: '0',
    id: eventId,
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: accountId,
    time: toSecond(stopMs ?? redrives?.lastMs ?? startMs),
    region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: execution.stateMachineArn,
      name: execution.name,
      status: state.status,
      startDate: startMs,
      stopDate: stopMs ?? null,
      ...dataOf(execution, change),
      stateMachineVersionArn: execution.stateMachineVersionArn ?? null,
      stateMachineAliasArn: execution.stateMachineAliasArn ?? null,
      redriveCount: redrives?.count ?? 0,
      redriveDate: redrives?.lastMs ?? null,
      ...redriveStatusOf(change),
      ...errorOf(change),
    },
  };
  return { eventId, body: JSON.stringify(event) };
}

/** Names the change for ever, whoever tells of it. */
function idOf({ executionArn, startMs }: ExecutionRecord, change: StatusChange): string {
  // A name that was freed by retention may be used by another execution.
  const hex = digest(`${executionArn} ${startMs} ${changeId(change)}`, 'SHA-256') ?? '';
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** EventBridge tells no milliseconds. */
const toSecond = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}/, '');

/** Data that is too large for EventBridge is left out; the input first. */
function dataOf({ input }: ExecutionRecord, { state }: StatusChange) {
  const output = state.status === 'SUCCEEDED' ? state.output : null;
  const outputBytes = output === null ? 0 : escapedBytes(output);
  const inputIncluded = escapedBytes(input) + outputBytes <= MAX_DATA_BYTES;
  const outputIncluded = outputBytes <= MAX_DATA_BYTES;
  return {
    input: inputIncluded ? input : null,
    inputDetails: { included: inputIncluded },
    output: outputIncluded ? output : null,
    outputDetails: output === null ? null : { included: outputIncluded },
  };
}

const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

function redriveStatusOf({ state: { status } }: StatusChange) {
  if (status !== 'RUNNING' && status !== 'SUCCEEDED') return { redriveStatus: 'REDRIVABLE', redriveStatusReason: null };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: `Execution is ${status} and cannot be redriven` };
}

/** AWS tells no error of a time-out: States.Timeout is in the history only. */
function errorOf({ state }: StatusChange): { error: string | null; cause: string | null } {
  if (state.status !== 'FAILED' && state.status !== 'ABORTED') return { error: null, cause: null };
  return { error: state.error ?? null, cause: state.cause ?? null };
}
