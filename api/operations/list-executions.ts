import Type from 'typebox';
import type { ExecutionSummary } from '../../engine/store/store.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../schemas/execution.ts';
import { operation } from '../operation.ts';
import { pageLimit, pageToken, textPosition } from '../page-token.ts';
import { findQualified, mostWeight } from '../qualified-machine.ts';
import { findMapRun } from '../resources.ts';
import {
  ArnText,
  ExecutionStatusName,
  ExecutionsPageToken,
  LongArnText,
  MaxResults,
  oneOf,
  seconds,
  Timestamp,
} from '../shapes.ts';

export const listExecutions = operation({
  name: 'ListExecutions',
  input: Type.Object({
    stateMachineArn: Type.Optional(ArnText),
    statusFilter: Type.Optional(ExecutionStatusName),
    maxResults: Type.Optional(MaxResults),
    nextToken: Type.Optional(ExecutionsPageToken),
    mapRunArn: Type.Optional(LongArnText),
    redriveFilter: Type.Optional(oneOf('REDRIVEN', 'NOT_REDRIVEN')),
  }),
  output: Type.Object({
    executions: Type.Array(
      Type.Object({
        executionArn: Type.String(),
        stateMachineArn: Type.String(),
        name: Type.String(),
        status: ExecutionStatusName,
        startDate: Timestamp,
        stopDate: Type.Optional(Timestamp),
        mapRunArn: Type.Optional(Type.String()),
        itemCount: Type.Optional(Type.Integer()),
        stateMachineVersionArn: Type.Optional(Type.String()),
        stateMachineAliasArn: Type.Optional(Type.String()),
        redriveCount: Type.Integer(),
        redriveDate: Type.Optional(Timestamp),
      }),
    ),
    nextToken: Type.Optional(Type.String()),
  }),
  errors: [
    'InvalidArn',
    'InvalidToken',
    'ResourceNotFound',
    'StateMachineDoesNotExist',
    'StateMachineTypeNotSupported',
  ],
  async handle({ stateMachineArn, statusFilter, maxResults, nextToken, mapRunArn, redriveFilter }, context) {
    const { store, reject } = context;
    if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
      throw reject(
        'ValidationException',
        'Must specify exactly one of stateMachineArn and mapRunArn',
        'MISSING_REQUIRED_PARAMETER',
      );
    }
    if (mapRunArn !== undefined) await findMapRun(mapRunArn, context);
    else if (redriveFilter !== undefined) {
      throw reject(
        'ValidationException',
        'RedriveFilter cannot be applied to ListExecutions call with StateMachine ARN',
      );
    }
    // Nothing is kept of Express executions.
    else if ((await findQualified(stateMachineArn ?? '', mostWeight, context)).machine.type === 'EXPRESS') {
      throw reject('StateMachineTypeNotSupported');
    }
    const list = mapRunArn ?? stateMachineArn ?? '';
    const pages = `executions ${statusFilter ?? ''} ${redriveFilter ?? ''} ${list}`;
    const cursor = textPosition(pages, nextToken);
    const status = EXECUTION_STATUSES.find((known) => known === statusFilter);
    // Only executions of a Map Run wait to be redriven.
    if (status !== statusFilter) return { executions: [] };
    const page = await store.executions.list(
      { list, ...statusOf(status) },
      { limit: pageLimit(maxResults), ...(cursor !== undefined && { cursor }) },
    );
    return {
      executions: page.executions.filter(redriveFilterOf(redriveFilter)).map(summary),
      nextToken: page.cursor === undefined ? undefined : pageToken(pages, page.cursor),
    };
  },
});

/** A page that is filtered may be short, or empty, and others follow. */
const redriveFilterOf =
  (filter: 'REDRIVEN' | 'NOT_REDRIVEN' | undefined) =>
  ({ redrives }: ExecutionSummary): boolean =>
    filter === undefined || (redrives !== undefined) === (filter === 'REDRIVEN');

const statusOf = (status: ExecutionStatus | undefined) => (status === undefined ? {} : { status });

const summary = (execution: ExecutionSummary) => ({
  executionArn: execution.executionArn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: seconds(execution.startMs),
  stopDate: execution.stopMs === undefined ? undefined : seconds(execution.stopMs),
  mapRunArn: execution.child?.mapRunArn,
  itemCount: execution.child?.items,
  stateMachineVersionArn: execution.stateMachineVersionArn,
  stateMachineAliasArn: execution.stateMachineAliasArn,
  redriveCount: execution.redrives?.count ?? 0,
  redriveDate: execution.redrives && seconds(execution.redrives.lastMs),
});
