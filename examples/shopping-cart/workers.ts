import type { Redis } from 'ioredis';
import { createClient } from '../support/client.ts';
import { readDefinition } from '../support/machine.ts';
import { type Handler, startWorkers } from '../support/worker.ts';
import type { Order } from './order.ts';
import { type CartState, SERVICES, serve } from './services.ts';

/** The shop's services as activity workers: one activity for each Task state of the definition. */

export interface CartWorkerOptions {
  /** Where the server listens. */
  readonly endpoint: string;
  /** What the shop keeps (see shop.ts). The caller closes it after `stop`. */
  readonly redis: Redis;
  /** Shown in the histories as the one that had a task. */
  readonly name?: string;
  /** Tasks per activity at a time. Default 4. */
  readonly concurrency?: number;
  /** Milliseconds between heartbeats; the definition allows 5000. Default 1000. */
  readonly heartbeatMs?: number;
  /** Stops the workers as `stop` does, which still tells when they have. */
  readonly signal?: AbortSignal;
  /** Told of what the workers survive. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface CartWorkers {
  /** ARN of one of the activities: {@link cartDefinition} takes account and region from it. */
  readonly activityArn: string;
  /** Takes no more tasks; resolves when those at hand are answered. */
  stop(): Promise<void>;
}

/** Starts the workers of all nine activities, which are created where they do not exist. */
export async function startCartWorkers(options: CartWorkerOptions): Promise<CartWorkers> {
  const {
    endpoint,
    redis,
    name = `cart-${process.pid}`,
    concurrency = 4,
    heartbeatMs = 1000,
    signal,
    onTrouble,
  } = options;
  const client = createClient(endpoint);
  const settings = { client, name, concurrency, heartbeatMs, ...(onTrouble ? { onTrouble } : {}) };
  const workers = await startWorkers(handlers(redis), settings);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= workers.stop().finally(() => client.destroy());
    return stopped;
  };
  if (signal?.aborted) await stop();
  signal?.addEventListener('abort', () => void stop(), { once: true });
  return { activityArn: workers.activityArns[0] ?? '', stop };
}

/** By the name of the activity: `cart-reserve-payment` for the state ReservePayment. */
function handlers(redis: Redis): Record<string, Handler<Order>> {
  const states = Object.keys(SERVICES).filter(isState);
  return Object.fromEntries(states.map((state) => [activityOf(state), (order: Order) => serve(state, redis, order)]));
}

const isState = (name: string): name is CartState => name in SERVICES;

const activityOf = (state: CartState): string =>
  `cart${state.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * The definition, ready for CreateStateMachine.
 *
 * @param activityArn of any activity on the server that it shall run on: its account and region go into the definition. Without
 *   it they are those of a server that nobody has configured
 */
export const cartDefinition = (activityArn?: string): string =>
  readDefinition(new URL('./definition.asl.json', import.meta.url), activityArn);
