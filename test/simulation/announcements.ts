import type { Delivery, DeliveryQueue } from '../../engine/tasks/deliveries.ts';
import type { HistoryEvent } from '../../schemas/history.ts';
import type { Webhook } from '../../schemas/webhook.ts';

/** What webhooks are told, beside what has happened. */

/** It wants to hear of everything. */
export const LISTENER: Omit<Webhook, 'createdMs'> = {
  webhookId: 'listener',
  url: 'https://example.com',
  secret: '',
  filter: {},
  enabled: true,
};

const ENDS: ReadonlyMap<string, string> = new Map([
  ['ExecutionSucceeded', 'SUCCEEDED'],
  ['ExecutionFailed', 'FAILED'],
  ['ExecutionTimedOut', 'TIMED_OUT'],
  ['ExecutionAborted', 'ABORTED'],
]);

/** Takes down what reaches the queue of a webhook. */
export class AnnouncementLog implements Pick<DeliveryQueue, 'add'> {
  /** Bodies by execution and by what they tell: the count of redrives and the status. */
  readonly #told = new Map<string, Map<string, string>>();
  readonly #contradictions: string[] = [];

  async add(deliveries: readonly Delivery[]): Promise<void> {
    for (const { executionArn = '', eventId, body } of deliveries) {
      const { status, redriveCount } = JSON.parse(body).detail;
      const about = `${redriveCount}.${status}`;
      const told = this.#told.get(executionArn) ?? new Map<string, string>();
      this.#told.set(executionArn, told);
      const before = told.get(about);
      const text = `${eventId} ${body}`;
      if (before !== undefined && before !== text)
        this.#contradictions.push(`${executionArn}: ${about} told in two ways`);
      told.set(about, text);
    }
  }

  /** What of an execution's history was not told. */
  missing(executionArn: string, events: readonly HistoryEvent[]): string[] {
    const told = this.#told.get(executionArn);
    return changesIn(events).filter((change) => !told?.has(change));
  }

  /** What was told of an execution that has not happened, and of any in two ways. */
  problems(executionArn: string, events: readonly HistoryEvent[]): string[] {
    const happened = new Set(changesIn(events));
    const invented = [...(this.#told.get(executionArn)?.keys() ?? [])].filter((change) => !happened.has(change));
    return [...invented.map((change) => `${change} was told and has not happened`), ...this.#contradictions];
  }
}

function changesIn(events: readonly HistoryEvent[]): string[] {
  let redrives = 0;
  return events.flatMap(({ type }) => {
    if (type === 'ExecutionRedriven') redrives += 1;
    if (type === 'ExecutionStarted' || type === 'ExecutionRedriven') return [`${redrives}.RUNNING`];
    const end = ENDS.get(type);
    return end === undefined ? [] : [`${redrives}.${end}`];
  });
}
