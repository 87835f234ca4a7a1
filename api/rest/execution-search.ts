import Type from 'typebox';
import {
  type ExecutionSearch,
  MAX_ATTRIBUTE_VALUE,
  MAX_SEARCH_ATTRIBUTES,
  SEARCH_ATTRIBUTE_NAME,
  type SearchFilter,
} from '../../engine/store/search.ts';
import type { ExecutionStatus } from '../../schemas/execution.ts';
import { apiError } from '../errors.ts';
import { pageToken, textPosition } from '../page-token.ts';
import { oneOf } from '../shapes.ts';
import type { Routes } from './app.ts';
import { Summary, toldSummary } from './execution-shapes.ts';
import { MACHINE_ARN, Next, Page } from './shapes.ts';

const Status = oneOf('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED');
const ATTRIBUTE = 'attribute.';

const Query = Type.Object(
  {
    stateMachineArn: Type.Optional(
      Type.String({ maxLength: 256, description: 'Of this machine.', examples: [MACHINE_ARN] }),
    ),
    status: Type.Optional(Type.Array(Status, { maxItems: 5, description: 'With one of these statuses.' })),
    startedAfter: Type.Optional(Type.String({ format: 'date-time', description: 'Started then or later.' })),
    startedBefore: Type.Optional(Type.String({ format: 'date-time', description: 'Started before that.' })),
    namePrefix: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, description: 'With a name that begins so. Sorts by name.' }),
    ),
    error: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'That ended with this error.' })),
    waitingIn: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, description: 'That are in this state. Needs `stateMachineArn`.' }),
    ),
    ...Page,
  },
  {
    patternProperties: {
      // Named one by one: what is misspelt must not find everything.
      [`^attribute\\.${SEARCH_ATTRIBUTE_NAME.source.slice(1)}`]: Type.String({ maxLength: MAX_ATTRIBUTE_VALUE }),
    },
  },
);

/** `GET /executions`: looking for some of them. */
export const executionSearch: Routes = (app, { store }) => {
  app.get(
    '/executions',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'searchExecutions',
        summary: 'Executions that meet all conditions, the newest first',
        description: [
          'Those with the value of a search attribute: `attribute.<name>=<value>`, several of them being several conditions, with',
          '`stateMachineArn`. A page may be short, or empty, and still have a `nextToken`. Executions of Map Runs are not among them.',
        ].join(' '),
        querystring: Query,
        response: {
          200: Type.Object({ executions: Type.Array(Summary), nextToken: Next }, { title: 'ExecutionPage' }),
        },
      },
      config: { access: 'read', problems: ['InvalidToken'] },
    },
    async (request) => {
      const { maxResults = 100, nextToken, ...conditions } = request.query;
      const { status: statuses = [], ...others } = conditions;
      const pages = `search ${JSON.stringify(Object.entries(conditions).sort())}`;
      const cursor = textPosition(pages, nextToken);
      const page = await find(store.search, filterOf(others, statuses), {
        limit: maxResults,
        ...(cursor !== undefined && { cursor }),
      });
      // Of several statuses: what is looked for is one or any.
      const wanted = page.executions.filter(({ status }) => statuses.length === 0 || statuses.includes(status));
      return {
        executions: wanted.map(toldSummary),
        nextToken: page.cursor === undefined ? undefined : pageToken(pages, page.cursor),
      };
    },
  );
};

const find = (search: ExecutionSearch, filter: SearchFilter, page: { limit: number; cursor?: string }) =>
  search.find(filter, page);

type Conditions = Omit<Type.Static<typeof Query>, 'status' | 'maxResults' | 'nextToken'>;

/** @throws ApiError ValidationException */
function filterOf(conditions: Conditions, statuses: readonly ExecutionStatus[]): SearchFilter {
  const { stateMachineArn, startedAfter, startedBefore, namePrefix, error, waitingIn, ...rest } = conditions;
  const [status] = statuses;
  const shared = {
    ...(status !== undefined && statuses.length === 1 && { status }),
    ...(startedAfter !== undefined && { startedAfterMs: Date.parse(startedAfter) }),
    ...(startedBefore !== undefined && { startedBeforeMs: Date.parse(startedBefore) }),
    ...(namePrefix !== undefined && { namePrefix }),
    ...(error !== undefined && { error }),
  };
  const attributes = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name.slice(ATTRIBUTE.length), String(value)]),
  );
  const count = Object.keys(attributes).length;
  if (count > MAX_SEARCH_ATTRIBUTES) {
    throw apiError('ValidationException', `There may be conditions on ${MAX_SEARCH_ATTRIBUTES} attributes at most.`);
  }
  if (stateMachineArn !== undefined) {
    return {
      ...shared,
      stateMachineArn,
      ...(waitingIn !== undefined && { waitingIn }),
      ...(count > 0 && { attributes }),
    };
  }
  if (waitingIn === undefined && count === 0) return shared;
  throw apiError('ValidationException', 'waitingIn and attribute.<name> are of one machine: give its stateMachineArn.');
}
