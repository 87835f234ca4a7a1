import Type from 'typebox';
import { StoreUnavailable } from '../../engine/store/store.ts';
import { apiError } from '../errors.ts';
import { pageToken, textPosition } from '../page-token.ts';
import { readReference } from '../resources.ts';
import { ArnText, ExecutionStatusName } from '../shapes.ts';
import type { Routes } from './app.ts';
import { Instant, instant, MaxResults, NextToken } from './shapes.ts';

const Archived = Type.Object({
  executionArn: Type.String(),
  stateMachineArn: Type.String(),
  name: Type.String(),
  status: ExecutionStatusName,
  startDate: Instant,
  stopDate: Instant,
});

/** `/archive`: what lists of executions show no more. One of them is described as any other. */
export const archive: Routes = (app, { archived, contextOf }) => {
  app.get(
    '/archive',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'listArchivedExecutions',
        summary: 'The archived executions of a state machine, by name',
        description:
          'Executions that have left Redis: see STEPYARD_ARCHIVE. What else is to be known of one is asked for as of any execution. ' +
          'The state machine may have been deleted. A page may be short, or empty, and others follow.',
        querystring: Type.Object({
          stateMachineArn: ArnText,
          maxResults: MaxResults,
          nextToken: Type.Optional(NextToken),
        }),
        response: {
          200: Type.Object({ executions: Type.Array(Archived), nextToken: Type.Optional(Type.String()) }),
        },
      },
      config: { access: 'read' },
    },
    async (request, reply) => {
      const { stateMachineArn, maxResults, nextToken } = request.query;
      const context = contextOf(request, reply);
      const { machineArn } = readReference(stateMachineArn, context);
      if (!archived) throw apiError('ResourceNotFound', 'the archive, since STEPYARD_ARCHIVE is not set');
      const list = `archive ${machineArn}`;
      const position = textPosition(list, nextToken);
      const after = position === undefined ? {} : { after: position };
      const page = await archived(machineArn, { limit: maxResults, ...after }).catch((error: Error) => {
        throw new StoreUnavailable(`The archive cannot be read: ${error.message}`, { cause: error });
      });
      return {
        executions: page.executions.map(({ executionArn, name, status, startMs, stopMs }) => ({
          executionArn,
          stateMachineArn: machineArn,
          name,
          status,
          startDate: instant(startMs),
          stopDate: instant(stopMs),
        })),
        nextToken: page.after === undefined ? undefined : pageToken(list, page.after),
      };
    },
  );
};
