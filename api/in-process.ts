import type { Client } from './connection.ts';
import { ApiError, apiError } from './errors.ts';
import type { ApiDeps } from './operation.ts';
import { start } from './operations/start-execution.ts';

/** What StartExecution answers, without HTTP. */
export type Started =
  | { readonly outcome: 'started'; readonly executionArn: string; readonly startMs: number }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string };

/** Nobody can hang up on a call inside the process. */
const NO_CLIENT: Client = {
  open: true,
  untilClosed: () => new AbortController().signal,
  onceAnswered: (tell) => tell(true),
};

/** StartExecution for the tasks that start executions: the same checks and errors as over HTTP. */
export function createStartExecution(deps: ApiDeps) {
  return async ({
    requestId,
    ...input
  }: {
    readonly stateMachineArn: string;
    readonly name?: string;
    readonly input: string;
    readonly requestId: string;
  }): Promise<Started> => {
    const { region } = deps.config;
    const context = { ...deps, region, requestId, attemptId: requestId, client: NO_CLIENT, reject: apiError };
    try {
      const { executionArn, startDate } = await start(input, context);
      return { outcome: 'started', executionArn, startMs: startDate * 1000 };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { outcome: 'refused', code: error.type, message: error.message };
    }
  };
}
