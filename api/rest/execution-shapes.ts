import Type, { type Static } from 'typebox';
import type { CurrentState } from '../../engine/store/progress.ts';
import type { ExecutionSummary } from '../../engine/store/store.ts';
import type { RedriveNote } from '../../schemas/execution.ts';
import { ExecutionStatusName, oneOf } from '../shapes.ts';
import { EXECUTION_ARN, Instant, instant, MACHINE_ARN } from './shapes.ts';

/** How executions are told. */

const Attributes = Type.Record(Type.String(), Type.String(), {
  description: "Values of its machine's search attributes in its input, by name.",
});

const COMMON = {
  executionArn: Type.String(),
  stateMachineArn: Type.String(),
  name: Type.String(),
  status: ExecutionStatusName,
  startDate: Instant,
  stopDate: Type.Optional(Instant),
  mapRunArn: Type.Optional(Type.String()),
  stateMachineVersionArn: Type.Optional(Type.String()),
  stateMachineAliasArn: Type.Optional(Type.String()),
  redriveCount: Type.Integer(),
  redriveDate: Type.Optional(Instant),
  attributes: Type.Optional(Attributes),
  error: Type.Optional(Type.String({ description: 'Its name, of one that ended without success.' })),
};

const EXAMPLE = {
  executionArn: EXECUTION_ARN,
  stateMachineArn: MACHINE_ARN,
  name: 'order-17',
  status: 'RUNNING',
  startDate: '2026-01-31T12:00:00.000Z',
  redriveCount: 0,
};

export const Summary = Type.Object(COMMON, { title: 'ExecutionSummary', examples: [EXAMPLE] });

export const StateStay = Type.Object(
  {
    state: Type.String(),
    enteredDate: Instant,
    enteredEventId: Type.Integer(),
    waitingFor: oneOf('worker', 'result', 'timer', 'retry', 'children'),
  },
  {
    title: 'CurrentState',
    description:
      'A state that an open execution is in. It waits for a `worker` to take its task, for the `result` of a task, for a `timer` of a Wait state, for its next `retry`, or for its `children`: branches, iterations, executions of a Map Run.',
  },
);

const Redrive = Type.Object(
  {
    redriveDate: Instant,
    by: Type.Optional(Type.String({ description: 'Whose redrive it was, where access keys are needed.' })),
    state: Type.Optional(Type.String({ description: 'The state that was chosen to go on in.' })),
    inputChanged: Type.Boolean({ description: 'Whether a state was given another input.' }),
    revisionId: Type.Optional(Type.String({ description: 'The revision that the execution has run since.' })),
  },
  { title: 'Redrive' },
);
export const toldRedrive = ({ redriveMs, ...note }: RedriveNote): Static<typeof Redrive> => ({
  redriveDate: instant(redriveMs),
  ...note,
});

export const Execution = Type.Object(
  {
    ...COMMON,
    cause: Type.Optional(Type.String()),
    input: Type.Optional(Type.String({ description: 'JSON, as it was sent.' })),
    output: Type.Optional(Type.String({ description: 'JSON; of an execution that succeeded.' })),
    traceHeader: Type.Optional(Type.String()),
    redriveStatus: oneOf('REDRIVABLE', 'NOT_REDRIVABLE', 'REDRIVABLE_BY_MAP_RUN'),
    redriveStatusReason: Type.Optional(Type.String()),
    redrives: Type.Optional(
      Type.Array(Redrive, { description: 'The last ten, the oldest first; absent when there was none.' }),
    ),
    historyEventCount: Type.Integer(),
    currentStates: Type.Array(StateStay, { description: 'Outer states first; none of an execution that has ended.' }),
    moreCurrentStates: Type.Boolean({ description: 'Whether it is in more states than are listed.' }),
  },
  {
    title: 'Execution',
    examples: [
      {
        ...EXAMPLE,
        input: '{"order":17}',
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
        historyEventCount: 5,
        currentStates: [
          { state: 'Pay', enteredDate: '2026-01-31T12:00:00.000Z', enteredEventId: 4, waitingFor: 'worker' },
        ],
        moreCurrentStates: false,
      },
    ],
  },
);

export const toldSummary = (execution: ExecutionSummary & { readonly error?: string }) => ({
  executionArn: execution.executionArn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: instant(execution.startMs),
  stopDate: execution.stopMs === undefined ? undefined : instant(execution.stopMs),
  mapRunArn: execution.child?.mapRunArn,
  stateMachineVersionArn: execution.stateMachineVersionArn,
  stateMachineAliasArn: execution.stateMachineAliasArn,
  redriveCount: execution.redrives?.count ?? 0,
  redriveDate: execution.redrives && instant(execution.redrives.lastMs),
  attributes: execution.attributes && { ...execution.attributes },
  error: execution.error,
});

export const toldState = ({ state, enteredMs, enteredEventId, wait }: CurrentState): Type.Static<typeof StateStay> => ({
  state,
  enteredDate: instant(enteredMs),
  enteredEventId,
  waitingFor: waitingFor(wait),
});

function waitingFor(wait: CurrentState['wait']): Type.Static<typeof StateStay>['waitingFor'] {
  switch (wait.for) {
    case 'task':
      return wait.started || wait.submitted ? 'result' : 'worker';
    case 'turn':
      return 'children';
    default:
      return wait.for;
  }
}
