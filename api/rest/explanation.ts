import Type from 'typebox';
import {
  DefinitionError,
  type ExecutionFacts,
  type Explanation,
  explainExecution,
  type FailedChild,
  type MapRunReport,
} from '../../engine/index.ts';
import type { ExecutionDescription } from '../../engine/store/store.ts';
import type { HistoryEvent } from '../../schemas/history.ts';
import { ApiError, apiError } from '../errors.ts';
import type { ApiDeps } from '../operation.ts';
import { readArn } from '../resources.ts';
import type { Routes } from './app.ts';
import { Data, ExecutionParams } from './shapes.ts';

const Told = Data<Explanation>(
  'Explanation',
  'A `summary` in one sentence; `blame`: what ended an execution that did not succeed; `waiting`: where each part of an open one is; `earlier`: failures that were retried or caught.',
);

/** `/executions/{executionArn}/explanation`. */
export const explanation: Routes = (app, deps) => {
  app.get(
    '/executions/:executionArn/explanation',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'explainExecution',
        summary: 'Why an execution failed, or what it waits for',
        description: 'What `stepyard explain` tells: see docs/explain.md.',
        params: ExecutionParams,
        response: { 200: Type.Unsafe<Explanation>(Told) },
      },
      config: { access: 'read', problems: ['ExecutionDoesNotExist', 'InvalidArn', 'InvalidDefinition'] },
    },
    async (request, reply) => {
      const { executionArn } = request.params;
      const context = deps.contextOf(request, reply);
      readArn('execution', executionArn, context);
      const { executions, registry } = deps.store;
      const execution = await executions.describe(executionArn);
      const machine = execution && (await registry.revision(execution.revisionId));
      const remains = machine && (await executions.remains(executionArn));
      if (!remains) throw apiError('ExecutionDoesNotExist', executionArn);
      const events = await wholeHistory(deps, executionArn);
      const explain = (mapRuns: readonly MapRunReport[]) =>
        explainExecution(machine.definition, factsOf(execution), events, remains.nowMs, mapRuns);
      try {
        const first = await explain([]);
        // Only the explanation tells which Map Runs matter.
        const reports = await mapRunReports(deps, first);
        return reports.length > 0 ? await explain(reports) : first;
      } catch (error) {
        if (!(error instanceof DefinitionError)) throw error;
        throw new ApiError('InvalidDefinition', error.message);
      }
    },
  );
};

function factsOf(execution: ExecutionDescription): ExecutionFacts {
  const { executionArn, stateMachineArn, name, status, startMs, input } = execution;
  const facts = { executionArn, stateMachineArn, name, status, startMs, input };
  if (execution.status === 'RUNNING') return facts;
  const { stopMs } = execution;
  if (execution.status === 'SUCCEEDED') return { ...facts, stopMs };
  const { error, cause } = execution;
  return { ...facts, stopMs, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

const PAGE = 500;

async function wholeHistory({ store }: ApiDeps, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (;;) {
    const page = await store.executions.history(executionArn, { start: events.length, limit: PAGE, reverse: false });
    if (!page || page.events.length === 0) return events;
    for (const event of page.events) events.push(JSON.parse(event) as HistoryEvent);
    if (events.length >= page.total) return events;
  }
}

/** What is looked at at most: Map Runs of an explanation, failed children of each. */
const MAX_MAP_RUNS = 5;
const MAX_CHILDREN = 3;

async function mapRunReports({ store }: ApiDeps, { blame, waiting }: Explanation): Promise<MapRunReport[]> {
  const named = [blame?.mapRun, ...waiting.map(({ mapRun }) => mapRun)];
  const arns = new Set(named.flatMap((mapRun) => (mapRun ? [mapRun.mapRunArn] : [])));
  const reports = [...arns].slice(0, MAX_MAP_RUNS).map(async (mapRunArn) => {
    const mapRun = await store.mapRuns.describe(mapRunArn);
    if (!mapRun) return [];
    return [{ mapRunArn, items: mapRun.items, failedChildren: await failedChildren(store, mapRunArn) }];
  });
  return (await Promise.all(reports)).flat();
}

async function failedChildren({ executions }: ApiDeps['store'], mapRunArn: string): Promise<FailedChild[]> {
  const page = await executions.list({ list: mapRunArn, status: 'FAILED' }, { limit: MAX_CHILDREN });
  const children = page.executions.map(async ({ executionArn }) => {
    const child = await executions.describe(executionArn);
    if (child?.status !== 'FAILED') return { executionArn };
    const { error, cause } = child;
    return { executionArn, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  });
  return Promise.all(children);
}
