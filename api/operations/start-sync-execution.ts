import Type from 'typebox';
import type { Client } from '../connection.ts';
import { type BegunExpress, beginExpress } from '../express.ts';
import { JsonText, operation } from '../operation.ts';
import { DataDetails, IncludedData, oneOf, seconds, Timestamp } from '../shapes.ts';
import { readStart, START_ERRORS, START_MEMBERS } from '../start-request.ts';

export const startSyncExecution = operation({
  name: 'StartSyncExecution',
  input: Type.Object({ ...START_MEMBERS, includedData: Type.Optional(IncludedData) }),
  output: Type.Object({
    executionArn: Type.String(),
    stateMachineArn: Type.String(),
    name: Type.String(),
    startDate: Timestamp,
    stopDate: Timestamp,
    status: oneOf('SUCCEEDED', 'FAILED', 'TIMED_OUT'),
    error: Type.Optional(Type.String()),
    cause: Type.Optional(Type.String()),
    input: Type.Optional(Type.String()),
    inputDetails: DataDetails,
    output: Type.Optional(Type.String()),
    outputDetails: DataDetails,
    traceHeader: Type.Optional(Type.String()),
    billingDetails: Type.Object({
      billedMemoryUsedInMB: Type.Integer(),
      billedDurationInMilliseconds: Type.Integer(),
    }),
  }),
  errors: [...START_ERRORS, 'StateMachineTypeNotSupported'],
  async handle(request, context) {
    const asked = await readStart(request, context);
    if (asked.machine.type !== 'EXPRESS') throw context.reject('StateMachineTypeNotSupported');
    const begun = await beginExpress(asked, context);
    const ended = await Promise.race([begun.ended, hangUp(context.client)]);
    // The execution goes on without the one who asked for it.
    if (!ended) return NOBODY_READS_IT;
    const { executionArn, startMs } = begun;
    const included = request.includedData !== 'METADATA_ONLY';
    return {
      executionArn,
      stateMachineArn: asked.machine.stateMachineArn,
      name: asked.name,
      startDate: seconds(startMs),
      stopDate: seconds(ended.stopMs),
      ...ending(ended, included),
      input: included ? asked.input : undefined,
      inputDetails: { included },
      outputDetails: { included },
      traceHeader: asked.traceHeader,
      billingDetails: billing(ended.stopMs - startMs),
    };
  },
});

const NOBODY_READS_IT = new JsonText('{}');

const hangUp = (client: Client): Promise<undefined> =>
  new Promise((resolve) => {
    client.onceAnswered(() => resolve(undefined));
  });

function ending(ended: Awaited<BegunExpress['ended']>, included: boolean) {
  if (ended.status === 'SUCCEEDED') return { status: ended.status, output: included ? ended.output : undefined };
  // Nothing aborts an Express execution: StopExecution does not take its ARN.
  const status = ended.status === 'TIMED_OUT' ? ended.status : ('FAILED' as const);
  return { status, error: ended.error, cause: ended.cause };
}

/** Nothing is paid here: the duration in AWS's steps, and the smallest amount of memory that AWS bills. */
const billing = (durationMs: number) => ({
  billedMemoryUsedInMB: 64,
  billedDurationInMilliseconds: Math.max(1, Math.ceil(durationMs / 100)) * 100,
});
