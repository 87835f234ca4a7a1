import type { ExecutionRecord } from '../../schemas/execution.ts';
import { type Announcement, changeId } from '../../schemas/webhook.ts';
import type { Head } from '../interpreter/execution.ts';
import type { Notice } from '../store/store.ts';
import type { Delivery, DeliveryQueue } from '../tasks/deliveries.ts';
import { announcementsOf } from './status-changes.ts';
import { statusEvent } from './status-event.ts';
import type { WebhookList } from './webhook-list.ts';

type Changed = Extract<Notice, { type: 'changed' }>;

/** Tells webhooks how the status of executions changes. */
export interface Announcer {
  /** What a step changes that webhooks want to hear of. */
  announcements(record: ExecutionRecord, before: Head, after: Head): readonly Announcement[];
  /** Puts what a notice says into the queues of its webhooks; again it does no harm. */
  deliver(notice: Changed): Promise<void>;
}

export const NOBODY: Announcer = { announcements: () => [], deliver: async () => {} };

export function createAnnouncer(webhooks: WebhookList, deliveries: Pick<DeliveryQueue, 'add'>): Announcer {
  return {
    announcements: (record, before, after) => announcementsOf(webhooks.all, record, before, after),

    async deliver({ execution, change, webhookIds }) {
      const found = await Promise.all(webhookIds.map((webhookId) => webhooks.find(webhookId)));
      const { eventId, body } = statusEvent(execution, change);
      const { executionArn, executionId, startMs } = execution;
      const { status } = change.state;
      // A delivery outlives its execution, whose name, and so whose id, may be another's by then: see the event's id.
      const deliveryId = `${executionId}-${startMs}-${changeId(change)}`;
      await deliveries.add(
        found.flatMap((webhook): Delivery[] =>
          webhook ? [{ webhookId: webhook.webhookId, deliveryId, eventId, body, executionArn, status }] : [],
        ),
      );
    },
  };
}
