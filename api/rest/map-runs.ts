import Type from 'typebox';
import { describeMapRun, MapRunCounts } from '../operations/describe-map-run.ts';
import { listMapRuns } from '../operations/list-map-runs.ts';
import { oneOf } from '../shapes.ts';
import type { Routes } from './app.ts';
import { ExecutionParams, Instant, instantIf, instantOf, MapRunParams, Next, Page } from './shapes.ts';

const tags = ['Map Runs'];

const Summary = Type.Object(
  {
    mapRunArn: Type.String(),
    executionArn: Type.String(),
    stateMachineArn: Type.String(),
    startDate: Instant,
    stopDate: Type.Optional(Instant),
  },
  { title: 'MapRunSummary' },
);

const MapRun = Type.Object(
  {
    mapRunArn: Type.String(),
    executionArn: Type.String(),
    status: oneOf('RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED'),
    startDate: Instant,
    stopDate: Type.Optional(Instant),
    maxConcurrency: Type.Integer(),
    toleratedFailurePercentage: Type.Number(),
    toleratedFailureCount: Type.Integer(),
    itemCounts: MapRunCounts,
    executionCounts: MapRunCounts,
    redriveCount: Type.Integer(),
    redriveDate: Type.Optional(Instant),
  },
  { title: 'MapRun' },
);

const list: Routes = (app, { call }) => {
  app.get(
    '/executions/:executionArn/map-runs',
    {
      schema: {
        tags,
        operationId: 'listMapRuns',
        summary: 'The Map Runs of an execution, the newest first',
        params: ExecutionParams,
        querystring: Type.Object(Page),
        response: { 200: Type.Object({ mapRuns: Type.Array(Summary), nextToken: Next }, { title: 'MapRunPage' }) },
      },
      config: { access: 'read', problems: listMapRuns.errors },
    },
    async (request, reply) => {
      const { mapRuns: found, nextToken } = await call(
        listMapRuns,
        { ...request.params, ...request.query },
        request,
        reply,
      );
      const told = found.map((mapRun) => ({
        ...mapRun,
        startDate: instantOf(mapRun.startDate),
        stopDate: instantIf(mapRun.stopDate),
      }));
      return { mapRuns: told, nextToken };
    },
  );
};

const get: Routes = (app, { call }) => {
  app.get(
    '/map-runs/:mapRunArn',
    {
      schema: {
        tags,
        operationId: 'getMapRun',
        summary: 'One Map Run with its counts',
        params: MapRunParams,
        response: { 200: MapRun },
      },
      config: { access: 'read', problems: describeMapRun.errors },
    },
    async (request, reply) => {
      const mapRun = await call(describeMapRun, request.params, request, reply);
      return {
        ...mapRun,
        startDate: instantOf(mapRun.startDate),
        stopDate: instantIf(mapRun.stopDate),
        redriveDate: instantIf(mapRun.redriveDate),
      };
    },
  );
};

/** `/map-runs`, and those of an execution. */
export const mapRuns: Routes = (app, deps) => {
  for (const add of [list, get]) add(app, deps);
};
