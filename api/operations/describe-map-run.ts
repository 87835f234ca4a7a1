import Type from 'typebox';
import type { MapRunTotals, Tally } from '../../schemas/map-run.ts';
import { operation } from '../operation.ts';
import { findMapRun } from '../resources.ts';
import { LongArnText, oneOf, seconds, Timestamp } from '../shapes.ts';

const Count = Type.Integer({ minimum: 0 });

export const MapRunCounts = Type.Object(
  {
    pending: Count,
    running: Count,
    succeeded: Count,
    failed: Count,
    timedOut: Count,
    aborted: Count,
    total: Count,
    resultsWritten: Count,
    failuresNotRedrivable: Count,
    pendingRedrive: Count,
  },
  { title: 'MapRunCounts' },
);

export const describeMapRun = operation({
  name: 'DescribeMapRun',
  input: Type.Object({ mapRunArn: LongArnText }),
  output: Type.Object({
    mapRunArn: Type.String(),
    executionArn: Type.String(),
    status: oneOf('RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED'),
    startDate: Timestamp,
    stopDate: Type.Optional(Timestamp),
    maxConcurrency: Count,
    toleratedFailurePercentage: Type.Number(),
    toleratedFailureCount: Count,
    itemCounts: MapRunCounts,
    executionCounts: MapRunCounts,
    redriveCount: Count,
    redriveDate: Type.Optional(Timestamp),
  }),
  errors: ['InvalidArn', 'ResourceNotFound'],
  async handle({ mapRunArn }, context) {
    const mapRun = await findMapRun(mapRunArn, context);
    const { thresholds, stopMs } = mapRun;
    return {
      mapRunArn,
      executionArn: mapRun.executionArn,
      status: mapRun.status,
      startDate: seconds(mapRun.startMs),
      stopDate: stopMs === undefined ? undefined : seconds(stopMs),
      maxConcurrency: thresholds.maxConcurrency,
      toleratedFailurePercentage: thresholds.toleratedFailurePercentage ?? 0,
      toleratedFailureCount: thresholds.toleratedFailureCount ?? 0,
      itemCounts: counts(mapRun.items),
      executionCounts: counts(mapRun.executions),
      redriveCount: mapRun.redrives?.count ?? 0,
      redriveDate: mapRun.redrives && seconds(mapRun.redrives.lastMs),
    };
  },
});

const counts = (tally: Tally & MapRunTotals) => ({ ...tally, failuresNotRedrivable: 0 });
