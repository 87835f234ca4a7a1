import type { Static } from 'typebox';
import type { Role } from '../../schemas/access-key.ts';
import type { OPERATIONS, OperationName } from '../operations/index.ts';

/** What a caller must be allowed to do: look, run and deploy, work on tasks, and what cannot be undone. */
export type Access = 'read' | 'operate' | 'work' | 'administer';

const GRANTED: { readonly [R in Role]: readonly Access[] } = {
  admin: ['read', 'operate', 'work', 'administer'],
  operator: ['read', 'operate'],
  worker: ['work'],
  reader: ['read'],
};

export const isGranted = (role: Role, access: Access): boolean => GRANTED[role].includes(access);

type InputOf<N extends OperationName> = Static<Extract<(typeof OPERATIONS)[number], { readonly name: N }>['input']>;

export interface Permission<Member extends string = string> {
  readonly access: Access;
  /** The member of the input that names what it is about. */
  readonly on?: Member;
  /** Too frequent for a line in the log each, and told by others: a poll, a sign of life. */
  readonly quiet?: true;
  /** Sent again it does nothing more: its signature need not be noted, which would cost a call and fail where Redis is full. */
  readonly repeatable?: true;
}

/** What every operation needs. */
export const PERMISSIONS: { readonly [N in OperationName]: Permission<Extract<keyof InputOf<N>, string>> } = {
  CreateActivity: { access: 'operate', on: 'name' },
  CreateStateMachine: { access: 'operate', on: 'name' },
  CreateStateMachineAlias: { access: 'operate', on: 'name' },
  DeleteActivity: { access: 'administer', on: 'activityArn' },
  DeleteStateMachine: { access: 'administer', on: 'stateMachineArn' },
  DeleteStateMachineAlias: { access: 'operate', on: 'stateMachineAliasArn' },
  DeleteStateMachineVersion: { access: 'operate', on: 'stateMachineVersionArn' },
  DescribeActivity: { access: 'read', on: 'activityArn' },
  DescribeExecution: { access: 'read', on: 'executionArn' },
  DescribeMapRun: { access: 'read', on: 'mapRunArn' },
  DescribeStateMachine: { access: 'read', on: 'stateMachineArn' },
  DescribeStateMachineAlias: { access: 'read', on: 'stateMachineAliasArn' },
  DescribeStateMachineForExecution: { access: 'read', on: 'executionArn' },
  GetActivityTask: { access: 'work', on: 'activityArn', quiet: true },
  GetExecutionHistory: { access: 'read', on: 'executionArn' },
  ListActivities: { access: 'read' },
  ListExecutions: { access: 'read', on: 'stateMachineArn' },
  ListMapRuns: { access: 'read', on: 'executionArn' },
  ListStateMachineAliases: { access: 'read', on: 'stateMachineArn' },
  ListStateMachines: { access: 'read' },
  ListStateMachineVersions: { access: 'read', on: 'stateMachineArn' },
  ListTagsForResource: { access: 'read', on: 'resourceArn' },
  PublishStateMachineVersion: { access: 'operate', on: 'stateMachineArn' },
  RedriveExecution: { access: 'operate', on: 'executionArn' },
  // A token takes one result, however often it is sent.
  SendTaskFailure: { access: 'work', repeatable: true },
  SendTaskHeartbeat: { access: 'work', quiet: true, repeatable: true },
  SendTaskSuccess: { access: 'work', repeatable: true },
  StartExecution: { access: 'operate', on: 'stateMachineArn' },
  StartSyncExecution: { access: 'operate', on: 'stateMachineArn' },
  StopExecution: { access: 'operate', on: 'executionArn' },
  TagResource: { access: 'operate', on: 'resourceArn' },
  TestState: { access: 'operate' },
  UntagResource: { access: 'operate', on: 'resourceArn' },
  UpdateMapRun: { access: 'operate', on: 'mapRunArn' },
  UpdateStateMachine: { access: 'operate', on: 'stateMachineArn' },
  UpdateStateMachineAlias: { access: 'operate', on: 'stateMachineAliasArn' },
  ValidateStateMachineDefinition: { access: 'read' },
};

/** Whether a line of log tells of each. */
export function isAudited(operation: OperationName): boolean {
  const { access, quiet }: Permission = PERMISSIONS[operation];
  return access !== 'read' && quiet === undefined;
}
