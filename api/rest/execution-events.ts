import Type from 'typebox';
import { apiError } from '../errors.ts';
import { readArn } from '../resources.ts';
import type { RestDeps, Routes } from './app.ts';
import { type EventStream, frame } from './event-stream.ts';
import { type Follower, Followers } from './follower.ts';
import { told } from './open-api.ts';
import { ExecutionParams } from './shapes.ts';

/** How often a stream looks into the store although it has heard nothing, in milliseconds. */
const LOOK_MS = 5_000;

/** What a client had last: the id of an event, or of the `end` that came after it. */
const LAST_EVENT_ID = /^(\d{1,15})(-end)?$/;

/** `/executions/{executionArn}/events`: the history as it grows. */
export const executionEvents: Routes = (app, deps) => {
  const { executions, live } = deps.store;
  const followers = new Followers({ executions, live, lookMs: LOOK_MS });

  app.get(
    '/executions/:executionArn/events',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['Executions'],
        operationId: 'followExecution',
        summary: 'The history of an execution as it grows, as server-sent events',
        description: [
          'Each history event is one event of the stream: its `id` is that of the history event, its name the type, its data the event as',
          '`…/history` tells it. When the execution has ended, `end` follows with its status, and the stream ends. Who was cut off says',
          'what came last in `Last-Event-ID`, as browsers do by themselves, and gets what comes after it; when that was the',
          '`end` and nothing has happened since, the answer is 204, at which browsers stop. After a redrive it goes on.',
          'Every 15 s without an event there is a comment.',
        ].join(' '),
        params: ExecutionParams,
        querystring: Type.Object({
          lastEventId: Type.Optional(
            Type.String({ pattern: LAST_EVENT_ID.source, description: 'As `Last-Event-ID`, which wins over it.' }),
          ),
        }),
        response: {
          200: told('The stream', 'text/event-stream', Type.String(), EXAMPLE),
          204: { description: 'The execution has ended, and the client has all of it.', type: 'null' },
        },
      },
      config: { access: 'read', problems: ['ExecutionDoesNotExist', 'InvalidArn', 'TooManyStreams'] },
    },
    async (request, reply) => {
      const { executionArn } = request.params;
      const context = deps.contextOf(request, reply);
      readArn('execution', executionArn, context);
      const last = lastEvent(headerText(request.headers['last-event-id']) ?? request.query.lastEventId);
      const { follower, giveBack } = followers.take(executionArn, deps.ids.executionId(executionArn));
      try {
        const standing = await follower.standing();
        if (!standing) throw apiError('ExecutionDoesNotExist', executionArn);
        if (last.ended && standing.status !== 'RUNNING' && standing.events <= last.id)
          return reply.code(204).send(null);
        const stream = deps.streams.open(reply, context.client.untilClosed());
        stream.onceClosed(giveBack);
        // Of a client that has more than there is, nothing more is known.
        follow(follower, stream, Math.min(last.id, standing.events) + 1).catch((error: unknown) =>
          fail(error, stream, deps),
        );
        return reply;
      } catch (error) {
        giveBack();
        throw error;
      }
    },
  );
};

const EXAMPLE = [
  'id: 1\nevent: ExecutionStarted\ndata: {"id":1,"previousEventId":0,"timestamp":"2026-01-31T12:00:00.000Z",…}',
  'id: 2-end\nevent: end\ndata: {"status":"SUCCEEDED"}\n\n',
].join('\n\n');

const headerText = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' ? header : undefined;

/** @throws ApiError ValidationException */
function lastEvent(text: string | undefined): { id: number; ended: boolean } {
  if (text === undefined) return { id: 0, ended: false };
  const [, id, ended] = LAST_EVENT_ID.exec(text) ?? [];
  if (id === undefined) throw apiError('ValidationException', 'Last-Event-ID is no id of an event of this stream.');
  return { id: Number(id), ended: ended !== undefined };
}

/** Sends what there is and what comes, as fast as the client takes it, until the end. */
async function follow(follower: Follower, stream: EventStream, first: number): Promise<void> {
  let next = first;
  while (stream.open) {
    const { news } = follower;
    const standing = await follower.standing();
    if (!standing) return stream.end();
    if (next <= standing.events) {
      const frames = await follower.framesFrom(next);
      // Retention has taken it.
      if (frames.length === 0) return stream.end();
      await send(stream, frames);
      next += frames.length;
    } else if (standing.status === 'RUNNING') {
      await news;
    } else {
      stream.write(frame('end', JSON.stringify({ status: standing.status }), `${next - 1}-end`));
      return stream.end();
    }
  }
}

/** Small events go out together. */
const CHUNK_CHARACTERS = 32 * 1024;

async function send(stream: EventStream, frames: readonly string[]): Promise<void> {
  let chunk = '';
  for (const [index, text] of frames.entries()) {
    chunk += text;
    if (chunk.length < CHUNK_CHARACTERS && index < frames.length - 1) continue;
    stream.write(chunk);
    chunk = '';
    await stream.untilRoom();
  }
}

/** The client comes again, and hears then what is wrong. */
function fail(error: unknown, stream: EventStream, { log }: RestDeps): void {
  log.warn({ err: error }, 'a stream of events ends early');
  stream.end();
}
