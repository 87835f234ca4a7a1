import { describe, expect, test } from 'vitest';
import type { Head } from '../../engine/interpreter/execution.ts';
import { announcementsOf, statusChanges } from '../../engine/runtime/status-changes.ts';
import type { MapRunChild } from '../../schemas/execution.ts';
import type { Webhook, WebhookFilter } from '../../schemas/webhook.ts';
import { newRecord } from '../contracts/store/fixtures.ts';

const running = { status: 'RUNNING' } as const;
const failed = { status: 'FAILED', stopMs: 5 } as const;
const head = (more: Partial<Head> = {}): Head => ({ state: running, events: 3, visits: 1, ...more });
const fresh = head({ events: 0 });
const redrives = { count: 1, lastMs: 9 };

describe('the changes of status that a step makes', () => {
  test.each<[string, Head, Head, object[]]>([
    ['begins', fresh, head(), [{ state: running }]],
    ['begins and ends at once', fresh, head({ state: failed }), [{ state: running }, { state: failed }]],
    ['goes on', head(), head({ events: 9 }), []],
    ['ends', head(), head({ state: failed }), [{ state: failed }]],
    ['hears something when it is closed', head({ state: failed }), head({ state: failed }), []],
    ['is redriven', head({ state: failed }), head({ redrives }), [{ state: running, redrives }]],
    [
      'is redriven and ends at once',
      head({ state: failed }),
      head({ state: failed, redrives }),
      [
        { state: running, redrives },
        { state: failed, redrives },
      ],
    ],
    ['ends after a redrive', head({ redrives }), head({ state: failed, redrives }), [{ state: failed, redrives }]],
  ])('of an execution that %s', (_what, before, after, changes) => {
    expect(statusChanges(before, after)).toEqual(changes);
  });
});

const webhook = (filter: WebhookFilter, enabled = true): Webhook => ({
  webhookId: 'w',
  url: 'https://example.com',
  secret: '',
  filter,
  enabled,
  createdMs: 0,
});

describe('a webhook hears', () => {
  const versions = { stateMachineVersionArn: 'arn:version', stateMachineAliasArn: 'arn:alias' };
  const record = { ...newRecord('order-7', versions), startMs: 1 };
  const heard = (of: Webhook, about = record) =>
    announcementsOf([of], about, fresh, head({ state: failed })).map(({ change }) => change.state.status);

  test.each<[string, WebhookFilter, string[]]>([
    ['everything', {}, ['RUNNING', 'FAILED']],
    ['some statuses', { statuses: ['FAILED', 'ABORTED'] }, ['FAILED']],
    ['a machine', { stateMachineArns: ['arn:other', record.stateMachineArn] }, ['RUNNING', 'FAILED']],
    ['a version', { stateMachineArns: ['arn:version'] }, ['RUNNING', 'FAILED']],
    ['an alias', { stateMachineArns: ['arn:alias'] }, ['RUNNING', 'FAILED']],
    ['another machine', { stateMachineArns: ['arn:other'] }, []],
    ['names that begin so', { namePrefix: 'order-' }, ['RUNNING', 'FAILED']],
    ['names that begin otherwise', { namePrefix: 'rder' }, []],
    ['several of these', { namePrefix: 'order-', statuses: ['RUNNING'], stateMachineArns: ['arn:alias'] }, ['RUNNING']],
  ])('of %s', (_what, filter, statuses) => {
    expect(heard(webhook(filter))).toEqual(statuses);
  });

  test('nothing while it is disabled', () => {
    expect(heard(webhook({}, false))).toEqual([]);
  });

  test('nothing of what a Map Run has started', () => {
    const child = { mapRunArn: 'arn:run' } as MapRunChild;
    expect(heard(webhook({}), { ...record, child })).toEqual([]);
  });
});
