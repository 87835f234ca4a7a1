import Type from 'typebox';
import type { ExecutionSearch } from '../../engine/store/search.ts';
import { findMachine } from '../resources.ts';
import type { RestDeps, Routes } from './app.ts';
import { toldCounts } from './counts.ts';
import { type EventStream, frame } from './event-stream.ts';
import { type News, Newsroom } from './news.ts';
import { told } from './open-api.ts';
import { MACHINE_ARN } from './shapes.ts';

/** Dashboards are told twice a second at most, in milliseconds. */
const ROUND_MS = 500;

const EXAMPLE = [
  'event: counts\ndata: {"statuses":{"RUNNING":3,"SUCCEEDED":120,"FAILED":2,"TIMED_OUT":0,"ABORTED":1}}',
  'event: executions\ndata: {"executions":[{"executionArn":"…","stateMachineArn":"…","name":"order-17","status":"SUCCEEDED","historyEventCount":12}]}\n\n',
].join('\n\n');

/** `/live`: what a dashboard shows, as it changes. */
export const live: Routes = (app, deps) => {
  const newsroom = new Newsroom(deps.store.live, ROUND_MS);
  const counter = new SharedCounts(deps.store.search);

  app.get(
    '/live',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['Executions'],
        operationId: 'followAll',
        summary: 'What changes, as server-sent events for a dashboard',
        description: [
          '`executions`: those that began, ended or go on after a redrive since the last time, at most twice a second. `counts`: as',
          '`/counts` or those of the machine, at first and when they have changed. `reload`: changes may have been missed, or were',
          'too many; read again what you show. Executions of Map Runs are not told of.',
        ].join(' '),
        querystring: Type.Object({
          stateMachineArn: Type.Optional(
            Type.String({ maxLength: 256, description: 'Of this machine only.', examples: [MACHINE_ARN] }),
          ),
        }),
        response: { 200: told('The stream', 'text/event-stream', Type.String(), EXAMPLE) },
      },
      config: { access: 'read', problems: ['InvalidArn', 'StateMachineDoesNotExist', 'TooManyStreams'] },
    },
    async (request, reply) => {
      const { stateMachineArn } = request.query;
      if (stateMachineArn !== undefined) await findMachine(stateMachineArn, deps.contextOf(request, reply));
      const stream = deps.streams.open(reply, deps.contextOf(request, reply).client.untilClosed());
      const dashboard = new Dashboard(stream, counter, stateMachineArn, deps);
      dashboard.hear({ changes: [] });
      stream.onceClosed(newsroom.read((news) => dashboard.hear(news)));
      return reply;
    },
  );
};

/** One stream. While it is full, it gathers nothing but that it has to read again. */
class Dashboard {
  readonly #stream: EventStream;
  readonly #counter: SharedCounts;
  readonly #machine: string | undefined;
  readonly #log: RestDeps['log'];
  #counts = '';
  #behind = false;

  constructor(stream: EventStream, counter: SharedCounts, machine: string | undefined, { log }: RestDeps) {
    this.#stream = stream;
    this.#counter = counter;
    this.#machine = machine;
    this.#log = log;
  }

  hear({ changes }: News): void {
    if (!this.#stream.room) {
      this.#behind = true;
      return;
    }
    if (changes === undefined || this.#behind) this.#stream.write(frame('reload', '{}'));
    else this.#tell(changes);
    this.#behind = false;
    this.#tellCounts().catch((error: unknown) => this.#log.warn({ err: error }, 'a dashboard is not told of counts'));
  }

  #tell(changes: NonNullable<News['changes']>): void {
    const machine = this.#machine;
    const own = machine === undefined ? changes : changes.filter((change) => change.stateMachineArn === machine);
    if (own.length > 0) this.#stream.write(frame('executions', JSON.stringify({ executions: own })));
  }

  async #tellCounts(): Promise<void> {
    const counts = await this.#counter.of(this.#machine);
    if (counts === this.#counts) return;
    this.#counts = counts;
    this.#stream.write(frame('counts', counts));
  }
}

/** Counts that several ask for at the same time are read once. */
class SharedCounts {
  readonly #search: ExecutionSearch;
  readonly #reads = new Map<string | undefined, Promise<string>>();

  constructor(search: ExecutionSearch) {
    this.#search = search;
  }

  /** As JSON. */
  of(stateMachineArn: string | undefined): Promise<string> {
    let read = this.#reads.get(stateMachineArn);
    if (!read) {
      read = this.#read(stateMachineArn).finally(() => this.#reads.delete(stateMachineArn));
      this.#reads.set(stateMachineArn, read);
    }
    return read;
  }

  async #read(stateMachineArn: string | undefined): Promise<string> {
    return JSON.stringify(toldCounts(await this.#search.counts(stateMachineArn)));
  }
}
