import Type from 'typebox';
import { apiError } from '../errors.ts';
import { describeExecution, toldExecution } from '../operations/describe-execution.ts';
import { startExecution } from '../operations/start-execution.ts';
import { stopExecution } from '../operations/stop-execution.ts';
import { readArn } from '../resources.ts';
import { CauseText, ErrorText, IncludedData, Name, TraceHeader } from '../shapes.ts';
import type { Routes } from './app.ts';
import { Execution, toldRedrive, toldState } from './execution-shapes.ts';
import { isNotModified } from './not-modified.ts';
import {
  EXECUTION_ARN,
  ExecutionParams,
  Instant,
  instantIf,
  instantOf,
  JsonOrText,
  jsonText,
  MACHINE_ARN,
} from './shapes.ts';

const tags = ['Executions'];

/** Current states that are told: a Map may have ten thousand. */
const MAX_STATES = 100;

const start: Routes = (app, { call }) => {
  app.post(
    '/executions',
    {
      schema: {
        tags,
        operationId: 'startExecution',
        summary: 'Start an execution',
        description:
          'Of a machine, a version or an alias. Without a name it gets one. A name that is taken by an open execution with the same input is answered as if it had started that.',
        body: Type.Object(
          {
            stateMachineArn: Type.String({ minLength: 1, maxLength: 256 }),
            name: Type.Optional(Name),
            input: Type.Optional(JsonOrText('The input, `{}` by default', { order: 17 })),
            traceHeader: Type.Optional(TraceHeader),
          },
          { examples: [{ stateMachineArn: MACHINE_ARN, name: 'order-17', input: { order: 17 } }] },
        ),
        response: {
          201: Type.Object(
            { executionArn: Type.String(), startDate: Instant },
            {
              title: 'StartedExecution',
              examples: [{ executionArn: EXECUTION_ARN, startDate: '2026-01-31T12:00:00.000Z' }],
            },
          ),
        },
      },
      config: { access: 'operate', idempotent: true, problems: ['ExecutionAlreadyExists', ...startExecution.errors] },
    },
    async (request, reply) => {
      const { input, ...asked } = request.body;
      const withInput = input === undefined ? asked : { ...asked, input: jsonText(input) };
      const { executionArn, startDate } = await call(startExecution, withInput, request, reply);
      reply.code(201).header('location', `${request.routeOptions.url}/${encodeURIComponent(executionArn)}`);
      return { executionArn, startDate: instantOf(startDate) };
    },
  );
};

const get: Routes = (app, { contextOf, store }) => {
  app.get(
    '/executions/:executionArn',
    {
      schema: {
        tags,
        operationId: 'getExecution',
        summary: 'One execution: how it stands and where it is',
        params: ExecutionParams,
        querystring: Type.Object({ includedData: Type.Optional(IncludedData) }),
        response: { 200: Execution },
      },
      config: { access: 'read', problems: describeExecution.errors },
    },
    async (request, reply) => {
      const { executionArn } = request.params;
      const { includedData } = request.query;
      const context = contextOf(request, reply);
      readArn('execution', executionArn, context);
      const standing = await store.executions.standing(executionArn);
      if (!standing) throw apiError('ExecutionDoesNotExist', executionArn);
      const { status, events, redriveCount, stopMs } = standing;
      // Whether another can be redriven depends on the time and on its machine as well.
      const isFixed = status === 'RUNNING' || status === 'SUCCEEDED';
      if (isFixed && isNotModified(request, reply, [status, events, redriveCount, stopMs])) return reply;
      const [described, current, redrives] = await Promise.all([
        store.executions.describe(executionArn),
        store.executions.currentStates(executionArn, MAX_STATES),
        redriveCount > 0 ? store.executions.redrives(executionArn) : undefined,
      ]);
      if (!described) throw apiError('ExecutionDoesNotExist', executionArn);
      const execution = await toldExecution(described, includedData !== 'METADATA_ONLY', context);
      const { inputDetails: _input, outputDetails: _output, ...told } = execution;
      return {
        ...told,
        startDate: instantOf(execution.startDate),
        stopDate: instantIf(execution.stopDate),
        redriveDate: instantIf(execution.redriveDate),
        redrives: redrives?.map(toldRedrive),
        attributes: described.attributes && { ...described.attributes },
        historyEventCount: events,
        currentStates: current.states.map(toldState),
        moreCurrentStates: current.more,
      };
    },
  );
};

const stop: Routes = (app, { call }) => {
  app.post(
    '/executions/:executionArn/stop',
    {
      schema: {
        tags,
        operationId: 'stopExecution',
        summary: 'Stop an execution',
        description: 'One that has ended already is left as it is, and its end is answered.',
        params: ExecutionParams,
        body: Type.Object(
          { error: Type.Optional(ErrorText), cause: Type.Optional(CauseText) },
          { examples: [{ error: 'Cancelled', cause: 'The customer changed her mind.' }] },
        ),
        response: { 200: Type.Object({ stopDate: Instant }, { title: 'StoppedExecution' }) },
      },
      config: { access: 'operate', idempotent: true, problems: stopExecution.errors },
    },
    async (request, reply) => {
      const { stopDate } = await call(stopExecution, { ...request.params, ...request.body }, request, reply);
      return { stopDate: instantOf(stopDate) };
    },
  );
};

/** `/executions`: one of them. */
export const executions: Routes = (app, deps) => {
  for (const add of [start, get, stop]) add(app, deps);
};
