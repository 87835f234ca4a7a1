import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../engine/store/store.ts';
import type { Waiter } from '../schemas/task.ts';
import type { Client } from './connection.ts';
import { ApiError, apiError } from './errors.ts';
import type { ApiDeps } from './operation.ts';
import { start, startAndTell } from './operations/start-execution.ts';

/** What StartExecution answers, without HTTP. */
export type Started =
  | { readonly outcome: 'started'; readonly executionArn: string; readonly startMs: number }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string };

/** Nobody can hang up on a call inside the process. */
const NO_CLIENT: Client = {
  open: true,
  untilClosed: () => new AbortController().signal,
  onceAnswered: (tell) => tell(true),
  addHeader: () => {},
};

/**
 * StartExecution for the tasks that start executions: the same checks and errors as over HTTP. A store that is away is waited
 * for: that is no failure of the task.
 */
export function createStartExecution(deps: ApiDeps) {
  return async ({
    requestId,
    waiter,
    traceparent,
    ...input
  }: {
    readonly stateMachineArn: string;
    readonly name?: string;
    readonly input: string;
    readonly requestId: string;
    readonly waiter?: Waiter;
    readonly traceparent?: string;
  }): Promise<Started> => {
    const { region } = deps.config;
    const isStillKnown = async () => true;
    const request = { requestId, attemptId: requestId, client: NO_CLIENT, isStillKnown, reject: apiError };
    const context = { ...deps, region, ...request, ...(traceparent !== undefined && { traceparent }) };
    try {
      const { executionArn, startDate } = await whenThere(() =>
        waiter === undefined ? start(input, context) : startAndTell(input, waiter, context),
      );
      return { outcome: 'started', executionArn, startMs: startDate * 1000 };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { outcome: 'refused', code: error.type, message: error.message };
    }
  };
}

const PAUSE_MS = 500;

async function whenThere<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await delay(PAUSE_MS);
    }
  }
}
