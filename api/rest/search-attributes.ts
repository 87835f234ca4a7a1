import Type from 'typebox';
import { MAX_SEARCH_ATTRIBUTES } from '../../engine/store/search.ts';
import { apiError } from '../errors.ts';
import { findMachine } from '../resources.ts';
import type { Routes } from './app.ts';
import { MachineParams } from './shapes.ts';

const PATHS = { customer: '$.customer.id', total: '$.total' };

const SearchAttributes = Type.Object(
  {
    searchAttributes: Type.Record(Type.String(), Type.String(), {
      maxProperties: MAX_SEARCH_ATTRIBUTES,
      description: 'Reference paths into the input, by the name of the attribute.',
    }),
  },
  { title: 'SearchAttributes', examples: [{ searchAttributes: PATHS }] },
);

const problems = ['InvalidArn', 'StateMachineDoesNotExist'] as const;
const tags = ['State machines'];

/** `/state-machines/{stateMachineArn}/search-attributes`: what of the inputs of its executions they can be found by. */
export const searchAttributes: Routes = (app, { contextOf, machines, store: { registry } }) => {
  const path = '/state-machines/:stateMachineArn/search-attributes';
  app.get(
    path,
    {
      schema: {
        tags,
        operationId: 'getSearchAttributes',
        summary: 'The search attributes of a state machine',
        params: MachineParams,
        response: { 200: SearchAttributes },
      },
      config: { access: 'read', problems },
    },
    async (request, reply) => {
      const { stateMachineArn } = await findMachine(request.params.stateMachineArn, contextOf(request, reply));
      return { searchAttributes: { ...(await registry.searchAttributes(stateMachineArn)) } };
    },
  );

  app.put(
    path,
    {
      schema: {
        tags,
        operationId: 'putSearchAttributes',
        summary: 'Give a state machine its search attributes',
        description:
          'In place of those that it had. Executions that start from now on have the values that their inputs have at these paths.',
        params: MachineParams,
        body: SearchAttributes,
        response: { 200: SearchAttributes },
      },
      config: { access: 'administer', idempotent: true, problems },
    },
    async (request, reply) => {
      const { stateMachineArn } = await findMachine(request.params.stateMachineArn, contextOf(request, reply));
      const { searchAttributes: paths } = request.body;
      const complaint = machines.attributes.complaint(paths);
      if (complaint !== undefined) throw apiError('ValidationException', complaint);
      if (!(await registry.setSearchAttributes(stateMachineArn, paths))) {
        throw apiError('StateMachineDoesNotExist', stateMachineArn);
      }
      return { searchAttributes: paths };
    },
  );
};
