import Type from 'typebox';
import type { ExecutionSummary } from '../../engine/store/store.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../schemas/execution.ts';
import { operation } from '../operation.ts';
import { pageLimit, pageToken, textPosition } from '../page-token.ts';
import { findMachine } from '../resources.ts';
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
        redriveCount: Type.Integer(),
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
      throw reject('ValidationException', 'Must specify exactly one of stateMachineArn and mapRunArn');
    }
    if (mapRunArn !== undefined) throw reject('ResourceNotFound', mapRunArn);
    const arn = stateMachineArn ?? '';
    const { type } = await findMachine(arn, context);
    // Nothing is kept of Express executions.
    if (type === 'EXPRESS') throw reject('StateMachineTypeNotSupported');
    const list = `executions ${statusFilter ?? ''} ${redriveFilter ?? ''} ${arn}`;
    const cursor = textPosition(list, nextToken);
    const status = EXECUTION_STATUSES.find((known) => known === statusFilter);
    // Nothing has been redriven, and nothing waits to be: those lists are empty.
    if (redriveFilter === 'REDRIVEN' || status !== statusFilter) return { executions: [] };
    const page = await store.executions.list(
      { stateMachineArn: arn, ...statusOf(status) },
      { limit: pageLimit(maxResults), ...(cursor !== undefined && { cursor }) },
    );
    return {
      executions: page.executions.map(summary),
      nextToken: page.cursor === undefined ? undefined : pageToken(list, page.cursor),
    };
  },
});

const statusOf = (status: ExecutionStatus | undefined) => (status === undefined ? {} : { status });

const summary = (execution: ExecutionSummary) => ({
  executionArn: execution.executionArn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: seconds(execution.startMs),
  stopDate: execution.stopMs === undefined ? undefined : seconds(execution.stopMs),
  redriveCount: 0,
});
