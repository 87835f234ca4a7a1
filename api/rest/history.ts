import Type from 'typebox';
import { apiError } from '../errors.ts';
import { getExecutionHistory, readEvents, withoutData } from '../operations/get-execution-history.ts';
import { numberPosition, pageToken } from '../page-token.ts';
import { readArn } from '../resources.ts';
import type { Routes } from './app.ts';
import { HistoryEvent, toldEvent } from './history-event.ts';
import { isNotModified } from './not-modified.ts';
import { told } from './open-api.ts';
import { ExecutionParams, Next, Page } from './shapes.ts';

/** What happened stays as it is, so a full page never changes: browsers need not ask for it again for a while. */
const FULL_PAGE = 'private, max-age=3600, immutable';

/** `/executions/{executionArn}/history`. */
export const history: Routes = (app, { contextOf, store }) => {
  app.get(
    '/executions/:executionArn/history',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'getExecutionHistory',
        summary: 'The history of an execution',
        description:
          'Oldest events first, or newest first. A page may have fewer events than asked for, when they are large. Each is as GetExecutionHistory tells it, but for the `timestamp`.',
        params: ExecutionParams,
        querystring: Type.Object({
          ...Page,
          reverseOrder: Type.Boolean({ default: false, description: 'Newest events first.' }),
          includeExecutionData: Type.Boolean({ default: true, description: 'Whether inputs and outputs are told.' }),
        }),
        response: {
          200: told(
            'A page of events',
            'application/json',
            Type.Object({ events: Type.Array(HistoryEvent), nextToken: Next }, { title: 'HistoryPage' }),
          ),
        },
      },
      config: { access: 'read', problems: getExecutionHistory.errors },
    },
    async (request, reply) => {
      const { executionArn } = request.params;
      const { maxResults, nextToken, reverseOrder, includeExecutionData } = request.query;
      const context = contextOf(request, reply);
      readArn('execution', executionArn, context);
      const list = `history ${reverseOrder} ${executionArn}`;
      const start = numberPosition(list, nextToken);
      const standing = await store.executions.standing(executionArn);
      if (!standing) throw apiError('ExecutionDoesNotExist', executionArn);
      // A name may be used again for another execution with as many events, once retention has taken the first.
      if (isNotModified(request, reply, [standing.events, standing.stopMs])) return reply;
      const page = await readEvents(store.executions, executionArn, start, maxResults, reverseOrder);
      if (!page) throw apiError('ExecutionDoesNotExist', executionArn);
      const kept = includeExecutionData ? page.events : page.events.map(withoutData);
      const next = start + kept.length;
      const isFull = next < page.total && kept.length > 0;
      if (isFull && !reverseOrder) reply.header('cache-control', FULL_PAGE);
      // Events are texts already: joining them is all there is to do.
      const events = kept.map((event) => toldEvent(event).text).join(',');
      const token = isFull ? `,"nextToken":"${pageToken(list, next)}"` : '';
      return reply.type('application/json').send(`{"events":[${events}]${token}}` as never);
    },
  );
};
