import Type from 'typebox';
import { Instant, instant } from './shapes.ts';

/** History events as this API tells them: as GetExecutionHistory does, but for the instant. */

export const HistoryEvent = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    previousEventId: Type.Integer({ minimum: 0 }),
    timestamp: Instant,
    type: Type.String({ description: 'As in GetExecutionHistory.' }),
  },
  {
    title: 'HistoryEvent',
    description: 'An event as GetExecutionHistory tells it, with the `…EventDetails` member that belongs to its type.',
    additionalProperties: true,
    examples: [
      {
        id: 2,
        previousEventId: 0,
        timestamp: '2026-01-31T12:00:00.000Z',
        type: 'PassStateEntered',
        stateEnteredEventDetails: { name: 'Greet', input: '{}', inputDetails: { truncated: false } },
      },
    ],
  },
);

/** How events begin: they are kept as they go over the wire of the AWS API. */
const BEGINNING = /^\{"id":(\d+),"previousEventId":\d+,"timestamp":([\d.]+),"type":"(\w+)"/;

export interface ToldEvent {
  readonly id: number;
  readonly type: string;
  /** JSON. */
  readonly text: string;
}

/** An event as it is told here, out of one as it is kept. Events are large: nothing but their beginning is looked at. */
export function toldEvent(kept: string): ToldEvent {
  const [beginning = '', id, timestamp = '', type = ''] = BEGINNING.exec(kept) ?? [];
  if (id === undefined) throw new TypeError('A history event does not begin like one');
  const at = `"${instant(Math.round(Number(timestamp) * 1000))}"`;
  const text = beginning.replace(`"timestamp":${timestamp}`, `"timestamp":${at}`) + kept.slice(beginning.length);
  return { id: Number(id), type, text };
}
