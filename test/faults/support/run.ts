import type { HistoryEvent } from '../../../schemas/history.ts';
import { type ApiClient, type Fields, Refused } from './api-client.ts';
import type { Told } from './invariants.ts';
import { until } from './until.ts';

/** What tests do with executions, over the API alone. */

const ROLE = 'arn:aws:iam::000000000000:role/faults';

export async function createActivity(api: ApiClient, name: string): Promise<string> {
  const { activityArn } = await api.call('CreateActivity', { name });
  return String(activityArn);
}

export async function createMachine(api: ApiClient, name: string, definition: object): Promise<string> {
  const input = { name, definition: JSON.stringify(definition), roleArn: ROLE };
  const { stateMachineArn } = await api.call('CreateStateMachine', input);
  return String(stateMachineArn);
}

export const arnOf = ({ stateMachineArn, name }: Start): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** An execution to be started. */
export interface Start {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: unknown;
}

/** Starts an execution, also when a lost answer makes it begin anew: the name tells that it is the same. */
export async function startByName(api: ApiClient, start: Start): Promise<string> {
  const { stateMachineArn, name, input } = start;
  try {
    await api.call('StartExecution', { stateMachineArn, name, input: JSON.stringify(input) });
  } catch (error) {
    if (!(error instanceof Refused && error.code === 'ExecutionAlreadyExists')) throw error;
  }
  return arnOf(start);
}

/** The open executions of a machine. */
export const openExecutions = (api: ApiClient, stateMachineArn: string): Promise<string[]> =>
  listExecutions(api, { stateMachineArn, statusFilter: 'RUNNING' });

export async function allExecutions(api: ApiClient, stateMachineArns: Iterable<string>): Promise<string[]> {
  const lists = await Promise.all([...stateMachineArns].map((arn) => listExecutions(api, { stateMachineArn: arn })));
  return lists.flat();
}

/** The executions that the Map Runs of these executions have started, as far as something is kept of them. */
export async function childrenOf(api: ApiClient, executionArns: readonly string[]): Promise<string[]> {
  const lists = await inLanes(executionArns, 8, async (executionArn) => {
    const { mapRuns } = await api.call('ListMapRuns', { executionArn });
    const arns = (mapRuns as { mapRunArn: string }[]).map(({ mapRunArn }) => mapRunArn);
    return Promise.all(arns.map((mapRunArn) => listExecutions(api, { mapRunArn })));
  });
  return lists.flat(2);
}

async function listExecutions(api: ApiClient, filter: Fields): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: unknown;
  do {
    const page = await api.call('ListExecutions', { ...filter, maxResults: 1000, ...(nextToken ? { nextToken } : {}) });
    for (const { executionArn } of page['executions'] as { executionArn: string }[]) arns.push(executionArn);
    nextToken = page['nextToken'];
  } while (nextToken);
  return arns;
}

export async function untilClosed(api: ApiClient, stateMachineArns: readonly string[]): Promise<void> {
  await until('all executions end', async () => {
    const open = await Promise.all(stateMachineArns.map((arn) => openExecutions(api, arn)));
    return open.every(({ length }) => length === 0);
  });
}

/** All that the API tells of an execution. */
export async function tell(api: ApiClient, executionArn: string): Promise<Told> {
  const { status, output, error, cause } = await api.call('DescribeExecution', { executionArn });
  const events: HistoryEvent[] = [];
  let nextToken: unknown;
  do {
    const input = { executionArn, maxResults: 1000, ...(nextToken ? { nextToken } : {}) };
    const page = await api.call('GetExecutionHistory', input);
    events.push(...(page['events'] as HistoryEvent[]));
    nextToken = page['nextToken'];
  } while (nextToken);
  return { executionArn, status: String(status), ...texts({ output, error, cause }), events };
}

const texts = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

/** All that the API tells of many executions, some at a time. */
export async function tellAll(api: ApiClient, executionArns: readonly string[]): Promise<Told[]> {
  return inLanes(executionArns, 16, (arn) => tell(api, arn));
}

/** Does the same for each, a few at a time; answers in order. */
export async function inLanes<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
