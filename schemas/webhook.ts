import type { ExecutionRecord, ExecutionState, ExecutionStatus, Redrives } from './execution.ts';

/** Who outside is told how executions stand, and what is told. */

export interface Webhook {
  readonly webhookId: string;
  /** Where status changes are posted to. */
  readonly url: string;
  /** What signs them, as it is kept: sealed when the deployment has a secret key. */
  readonly secret: string;
  readonly filter: WebhookFilter;
  readonly enabled: boolean;
  readonly description?: string;
  /** Epoch milliseconds by the clock of the store. */
  readonly createdMs: number;
}

/** Turns the secrets of webhooks into the form in which they are kept, and back. */
export interface WebhookSecrets {
  keep(secret: string, webhookId: string): string;
  /** Undefined when the process cannot read it. */
  open(kept: string, webhookId: string): string | undefined;
}

/** What a webhook is told of; a member that is absent leaves nothing out. */
export interface WebhookFilter {
  /** Of machines, versions or aliases. */
  readonly stateMachineArns?: readonly string[];
  readonly statuses?: readonly ExecutionStatus[];
  /** How the names of executions begin. */
  readonly namePrefix?: string;
}

/** How many webhooks a deployment has at most. */
export const MAX_WEBHOOKS = 100;

/** An execution began, was redriven, or ended. */
export interface StatusChange {
  readonly state: ExecutionState;
  /** As of this change. */
  readonly redrives?: Redrives;
}

/** A change, and the webhooks that want to hear of it. */
export interface Announcement {
  readonly change: StatusChange;
  readonly webhookIds: readonly string[];
}

/** Names a change among those of its execution. */
export const changeId = ({ state, redrives }: StatusChange): string => `${redrives?.count ?? 0}.${state.status}`;

type Described = Pick<
  ExecutionRecord,
  'name' | 'stateMachineArn' | 'stateMachineVersionArn' | 'stateMachineAliasArn' | 'child'
>;

/** Whether a webhook is to hear that an execution has come to a status. The executions of a Map Run are told of by nobody. */
export function wants({ enabled, filter }: Webhook, execution: Described, status: ExecutionStatus): boolean {
  const { stateMachineArns, statuses, namePrefix } = filter;
  const { name, stateMachineArn, stateMachineVersionArn, stateMachineAliasArn } = execution;
  const arns = [stateMachineArn, stateMachineVersionArn, stateMachineAliasArn];
  return (
    enabled &&
    execution.child === undefined &&
    (statuses === undefined || statuses.includes(status)) &&
    (stateMachineArns === undefined || arns.some((arn) => arn !== undefined && stateMachineArns.includes(arn))) &&
    (namePrefix === undefined || name.startsWith(namePrefix))
  );
}

/** What came of one attempt. */
export type Attempted =
  | { readonly outcome: 'delivered'; readonly responseStatus: number }
  | {
      readonly outcome: 'failed';
      /** Absent when there was no answer. */
      readonly responseStatus?: number;
      readonly error: string;
      /** Another attempt would be useless. */
      readonly final: boolean;
    };
