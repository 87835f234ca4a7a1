import Type from 'typebox';
import { describeStateMachine } from '../operations/describe-state-machine.ts';
import { listStateMachines } from '../operations/list-state-machines.ts';
import { MachineType } from '../shapes.ts';
import type { Routes } from './app.ts';
import { Instant, instant, MaxResults, NextToken } from './shapes.ts';

const tags = ['State machines'];

const Summary = Type.Object({
  stateMachineArn: Type.String(),
  name: Type.String(),
  type: MachineType,
  creationDate: Instant,
});

const Machine = Type.Object({
  ...Summary.properties,
  definition: Type.String({ description: 'The definition as it was written.' }),
  roleArn: Type.String(),
  revisionId: Type.Optional(Type.String()),
});

/** `/state-machines`: what can be started. */
export const stateMachines: Routes = (app, { contextOf }) => {
  app.get(
    '/state-machines',
    {
      schema: {
        tags,
        operationId: 'listStateMachines',
        summary: 'All state machines, by name',
        querystring: Type.Object({ maxResults: MaxResults, nextToken: Type.Optional(NextToken) }),
        response: {
          200: Type.Object({ stateMachines: Type.Array(Summary), nextToken: Type.Optional(Type.String()) }),
        },
      },
      config: { access: 'read' },
    },
    async (request, reply) => {
      const page = await listStateMachines.handle(request.query, contextOf(request, reply));
      return {
        stateMachines: page.stateMachines.map((machine) => ({
          ...machine,
          creationDate: instant(machine.creationDate * 1000),
        })),
        nextToken: page.nextToken,
      };
    },
  );

  app.get(
    '/state-machines/:stateMachineArn',
    {
      schema: {
        tags,
        operationId: 'getStateMachine',
        summary: 'One state machine with its definition',
        params: Type.Object({ stateMachineArn: Type.String({ maxLength: 256 }) }),
        response: { 200: Machine },
      },
      config: { access: 'read' },
    },
    async (request, reply) => {
      const machine = await describeStateMachine.handle(request.params, contextOf(request, reply));
      return { ...machine, creationDate: instant(machine.creationDate * 1000) };
    },
  );
};
