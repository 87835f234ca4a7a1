import { hash } from 'node:crypto';
import type { ExecutionRecord, ExecutionState } from '../../schemas/execution.ts';

type Listed = Pick<
  ExecutionRecord,
  'stateMachineArn' | 'stateMachineVersionArn' | 'stateMachineAliasArn' | 'attributes' | 'child'
>;

/** Every execution but the children of Map Runs. */
export const ALL = '*';

/**
 * The lists that an execution is in, by status: that of all; of its machine, and of the version and the alias it was started with, by
 * their ARNs; of each of its search attributes. A child of a Map Run is in that of the Map Run alone.
 */
export function listsOf(record: Listed): string[] {
  const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, attributes, child } = record;
  if (isEphemeral(record)) return [];
  if (child) return [child.mapRunArn];
  const lists = [ALL, stateMachineArn];
  if (stateMachineVersionArn !== undefined) lists.push(stateMachineVersionArn);
  if (stateMachineAliasArn !== undefined) lists.push(stateMachineAliasArn);
  if (attributes) {
    for (const [name, value] of Object.entries(attributes)) lists.push(attributeList(stateMachineArn, name, value));
  }
  return lists;
}

/** Those that it is in from its start. Among all it is from its first commit on, which many executions share: a start costs less so. */
export const startListsOf = (record: Listed): string[] => listsOf(record).filter((list) => list !== ALL);

/** The lists that it is in besides while it is closed without success: of its machine's and of all executions with that error. */
export function errorListsOf({ stateMachineArn, child }: Listed, state: Pick<ErrorState, 'error'>): string[] {
  if (child || state.error === undefined) return [];
  return [errorList(ALL, state.error), errorList(stateMachineArn, state.error)];
}

type ErrorState = Exclude<ExecutionState, { status: 'RUNNING' | 'SUCCEEDED' }>;

/** The executions of a machine that have this value of a search attribute. */
export const attributeList = (stateMachineArn: string, name: string, value: string): string =>
  `a:${digest([stateMachineArn, name, value])}`;

/** The executions of another list that ended with an error of that name. */
export const errorList = (list: string, error: string): string => `e:${digest([list, error])}`;

/** Texts of others are no part of a key: they may be long, and any. */
const digest = (parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);

/** Whether nothing of an execution is kept: no history, no record once it has ended. */
export const isEphemeral = ({ child }: Pick<ExecutionRecord, 'child'>): boolean => child?.type === 'EXPRESS';
