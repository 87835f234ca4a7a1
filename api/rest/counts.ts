import Type from 'typebox';
import type { ExecutionCounts } from '../../engine/store/search.ts';
import { findMachine } from '../resources.ts';
import type { Routes } from './app.ts';
import { MachineParams } from './shapes.ts';

const Count = Type.Integer({ minimum: 0 });
const Statuses = Type.Object(
  { RUNNING: Count, SUCCEEDED: Count, FAILED: Count, TIMED_OUT: Count, ABORTED: Count },
  { description: 'How many executions have each status.' },
);
const STATUSES = { RUNNING: 3, SUCCEEDED: 120, FAILED: 2, TIMED_OUT: 0, ABORTED: 1 };

export const Counts = Type.Object(
  {
    statuses: Statuses,
    states: Type.Optional(
      Type.Array(Type.Object({ state: Type.String(), executions: Count }), {
        description: 'Of one machine: how many of its open executions are in each state. One may be in several.',
      }),
    ),
  },
  { title: 'Counts', examples: [{ statuses: STATUSES, states: [{ state: 'Pay', executions: 3 }] }] },
);

export const toldCounts = ({ statuses, states }: ExecutionCounts) => ({
  statuses: { ...statuses },
  ...(states && { states: states.toSorted((a, b) => (a.state < b.state ? -1 : 1)) }),
});

/** `/counts`, and those of a machine. */
export const counts: Routes = (app, { contextOf, store }) => {
  app.get(
    '/counts',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'countExecutions',
        summary: 'How many executions there are of all machines, by status',
        description: 'Executions of Map Runs are not counted.',
        response: { 200: Counts },
      },
      config: { access: 'read' },
    },
    async () => toldCounts(await store.search.counts()),
  );

  app.get(
    '/state-machines/:stateMachineArn/counts',
    {
      schema: {
        tags: ['State machines'],
        operationId: 'countStateMachineExecutions',
        summary: 'How many executions a machine has, by status, and in which states the open ones are',
        params: MachineParams,
        response: { 200: Counts },
      },
      config: { access: 'read', problems: ['InvalidArn', 'StateMachineDoesNotExist'] },
    },
    async (request, reply) => {
      const { stateMachineArn } = await findMachine(request.params.stateMachineArn, contextOf(request, reply));
      return toldCounts(await store.search.counts(stateMachineArn));
    },
  );
};
