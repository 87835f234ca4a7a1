/** What an execution of the saga is started with, and what its state keeps all the way. */
export interface Order {
  /** Every change in the shop is keyed by it: the same order never changes anything twice. */
  readonly orderId: string;
  /** Whose account pays. */
  readonly customer: string;
  /** Where the customer is told. Without it the notification fails. */
  readonly email?: string;
  readonly address: { readonly street: string; readonly zip: string };
  readonly items: readonly Item[];
  /** Failures to be had on demand, by state. */
  readonly faults?: { readonly [state: string]: Fault };
}

export interface Item {
  readonly sku: string;
  readonly quantity: number;
}

/** Makes a service fail that would have worked. */
export interface Fault {
  /** The name that Retry and Catch see. `ServiceUnavailable` is one that the definition tries again. */
  readonly error: string;
  /** How many attempts fail before the service works. Default: all. */
  readonly times?: number;
  /** Fail only when the work is done: the answer is lost, the change is there. */
  readonly afterwards?: boolean;
}

/** What things cost, in cents. */
export const PRICES: { readonly [sku: string]: number | undefined } = { cup: 850, kettle: 6000, teapot: 2500 };

/** More than this is not reserved in one order, in cents. */
export const PAYMENT_LIMIT = 50_000;

/** Where the shop delivers to. */
export const CITIES: { readonly [zip: string]: string | undefined } = {
  '10115': 'Berlin',
  '20095': 'Hamburg',
  '80331': 'Munich',
};
