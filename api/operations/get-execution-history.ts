import Type from 'typebox';
import type { ExecutionStore } from '../../engine/store/store.ts';
import { isJsonObject, type Json } from '../../schemas/json.ts';
import { JsonText, operation } from '../operation.ts';
import { numberPosition, pageLimit, pageToken } from '../page-token.ts';
import { readArn } from '../resources.ts';
import { ArnText, MaxResults, PageToken } from '../shapes.ts';

export const getExecutionHistory = operation({
  name: 'GetExecutionHistory',
  input: Type.Object({
    executionArn: ArnText,
    maxResults: Type.Optional(MaxResults),
    reverseOrder: Type.Optional(Type.Boolean()),
    nextToken: Type.Optional(PageToken),
    includeExecutionData: Type.Optional(Type.Boolean()),
  }),
  output: Type.Object({ events: Type.Array(Type.Object({})), nextToken: Type.Optional(Type.String()) }),
  errors: ['ExecutionDoesNotExist', 'InvalidArn', 'InvalidToken'],
  async handle({ executionArn, maxResults, reverseOrder: reverse = false, nextToken, includeExecutionData }, context) {
    readArn('execution', executionArn, context);
    const list = `history ${reverse} ${executionArn}`;
    const start = numberPosition(list, nextToken);
    const page = await readEvents(context.store.executions, executionArn, start, pageLimit(maxResults), reverse);
    if (!page) throw context.reject('ExecutionDoesNotExist', executionArn);
    const events = includeExecutionData === false ? page.events.map(withoutData) : page.events;
    const next = start + events.length;
    // Events are stored as they are sent: joining texts is all there is to do.
    const token = next < page.total && events.length > 0 ? `,"nextToken":"${pageToken(list, next)}"` : '';
    return new JsonText(`{"events":[${events.join(',')}]${token}}`);
  },
});

/** A page may have fewer events than asked for: what is read and sent at a time stays within this many characters, about. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;
/** Read first, to learn how big events are: each may have 256 KiB. */
const FIRST_EVENTS = 100;

/** A page of events as they are kept; undefined when there is no such execution. */
export async function readEvents(
  executions: ExecutionStore,
  executionArn: string,
  start: number,
  limit: number,
  reverse: boolean,
): Promise<{ events: string[]; total: number } | undefined> {
  const first = await executions.history(executionArn, { start, limit: Math.min(limit, FIRST_EVENTS), reverse });
  if (!first || limit <= FIRST_EVENTS || first.events.length < FIRST_EVENTS) return first;
  const size = first.events.reduce((sum, event) => sum + event.length, 0);
  const room = Math.floor(((PAGE_CHARACTERS - size) * first.events.length) / size);
  const more = Math.min(limit - first.events.length, room);
  if (more <= 0) return first;
  const rest = await executions.history(executionArn, { start: start + first.events.length, limit: more, reverse });
  return rest && { events: [...first.events, ...rest.events], total: rest.total };
}

const DATA: ReadonlySet<string> = new Set(['assignedVariables', 'input', 'output', 'parameters']);

/** An event without what went through the execution: inputs, outputs, parameters of tasks and values of variables. */
export function withoutData(text: string): string {
  const event: Json = JSON.parse(text);
  if (!isJsonObject(event)) return text;
  for (const [name, details] of Object.entries(event)) {
    if (name.endsWith('EventDetails') && isJsonObject(details)) {
      event[name] = Object.fromEntries(Object.entries(details).filter(([member]) => !DATA.has(member)));
    }
  }
  return JSON.stringify(event);
}
