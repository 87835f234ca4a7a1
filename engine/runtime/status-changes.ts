import type { ExecutionRecord } from '../../schemas/execution.ts';
import { type Announcement, type StatusChange, type Webhook, wants } from '../../schemas/webhook.ts';
import type { Head } from '../interpreter/execution.ts';

/** How the status of an execution has changed with one step: it may have begun, or been redriven, and have ended. */
export function statusChanges(before: Head, after: Head): readonly StatusChange[] {
  const changes: StatusChange[] = [];
  const redrives = after.redrives && { redrives: after.redrives };
  const redriven = after.redrives !== undefined && after.redrives.count !== before.redrives?.count;
  const begun = before.events === 0 && after.events > 0;
  if (begun || redriven) changes.push({ state: { status: 'RUNNING' }, ...redrives });
  const wasOpen = before.state.status === 'RUNNING' || redriven;
  if (wasOpen && after.state.status !== 'RUNNING') changes.push({ state: after.state, ...redrives });
  return changes;
}

/** The changes of a step that any of the webhooks want to hear of, and which they are. */
export function announcementsOf(
  webhooks: readonly Webhook[],
  record: ExecutionRecord,
  before: Head,
  after: Head,
): readonly Announcement[] {
  if (webhooks.length === 0) return NONE;
  return statusChanges(before, after).flatMap((change) => {
    const wanting = webhooks.filter((webhook) => wants(webhook, record, change.state.status));
    return wanting.length === 0 ? [] : [{ change, webhookIds: wanting.map(({ webhookId }) => webhookId) }];
  });
}

const NONE: readonly Announcement[] = [];
