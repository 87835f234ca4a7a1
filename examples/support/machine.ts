import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type ExecutionStatus,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  type SFNClient,
  StartExecutionCommand,
  StateMachineAlreadyExists,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';

/** What every example does around its workers: put a definition up, run it, read what happened. */

/** The beginning of the activity ARNs in the definitions: account and region of a server that nobody has configured. */
const WRITTEN = 'arn:aws:states:us-east-1:000000000000:activity:';

/**
 * Reads a definition and puts the server's account and region into its activity ARNs.
 *
 * @param activityArn of any activity on that server; without it the definition is as written
 */
export function readDefinition(file: URL, activityArn: string | undefined): string {
  const text = readFileSync(file, 'utf8');
  const beginning = activityArn?.slice(0, activityArn.lastIndexOf(':') + 1) ?? WRITTEN;
  return text.replaceAll(WRITTEN, beginning);
}

/** Creates the state machine, or gives the one of that name this definition. Resolves to its ARN. */
export async function putMachine(client: SFNClient, name: string, definition: string): Promise<string> {
  // Activities need no permissions here; AWS wants to see a role all the same.
  const roleArn = 'arn:aws:iam::000000000000:role/example';
  try {
    const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    return given(stateMachineArn);
  } catch (error) {
    if (!(error instanceof StateMachineAlreadyExists)) throw error;
    const stateMachineArn = await findMachine(client, name);
    await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    return stateMachineArn;
  }
}

async function findMachine(client: SFNClient, name: string): Promise<string> {
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListStateMachinesCommand(nextToken ? { nextToken } : {}));
    const found = page.stateMachines?.find((machine) => machine.name === name);
    if (found) return given(found.stateMachineArn);
    nextToken = page.nextToken;
  } while (nextToken);
  throw new Error(`There is no state machine ${name}`);
}

/** How an execution ended. */
export interface Ended {
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  /** What it resulted in; undefined unless it succeeded. */
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly events: readonly HistoryEvent[];
}

const POLL_MS = 25;

/** Runs one execution to its end. */
export async function runExecution(client: SFNClient, stateMachineArn: string, input: unknown): Promise<Ended> {
  const request = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
  return awaitExecution(client, given((await client.send(request)).executionArn));
}

/** Waits for the end of an execution. The API has nothing to wait on: one asks until it has ended. */
export async function awaitExecution(client: SFNClient, executionArn: string): Promise<Ended> {
  for (;;) {
    const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status && status !== 'RUNNING') {
      const events = await readHistory(client, executionArn);
      return {
        executionArn,
        status,
        output: output === undefined ? undefined : JSON.parse(output),
        error,
        cause,
        events,
      };
    }
    await sleep(POLL_MS);
  }
}

/** The whole history of an execution, over all its pages. */
export async function readHistory(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const request = new GetExecutionHistoryCommand({ executionArn, ...(nextToken ? { nextToken } : {}) });
    const page = await client.send(request);
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
}

/** The SDK types every member of an answer as optional; these are always there. */
function given(value: string | undefined): string {
  if (value === undefined) throw new Error('The server left out a member that it must give');
  return value;
}
