import type { SFNClient } from '@aws-sdk/client-sfn';
import { startWorker, type Worker } from '../support/worker.ts';

/** One activity behind three states: what differs is in the Parameters of each. */

interface Shipment {
  readonly way: 'letter' | 'parcel' | 'freight';
  readonly grams: number;
  readonly country: string;
}

export interface Label {
  readonly way: Shipment['way'];
  readonly to: string;
  /** Postage. */
  readonly cents: number;
}

const CENTS_PER_KILO = { letter: 0, parcel: 120, freight: 80 };
const BASE_CENTS = { letter: 180, parcel: 549, freight: 9900 };

function send({ way, grams, country }: Shipment): Label {
  return { way, to: country, cents: BASE_CENTS[way] + Math.ceil(grams / 1000) * CENTS_PER_KILO[way] };
}

/** Starts the worker that sends things. */
export const startChoiceWorker = (client: SFNClient): Promise<Worker> =>
  startWorker({ client, activity: 'choice-send', handler: send, name: 'post-office' });
