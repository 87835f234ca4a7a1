import type { ActivityLimits, ActivitySettings } from '../../schemas/activity.ts';
import type { SearchAttributes } from './search.ts';

/** Machines and activities: the face of the persistence port that knows them. */

export interface StateMachineRecord {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly roleArn: string;
  readonly revisionId: string;
  readonly definition: string;
  readonly creationMs: number;
  readonly updateMs: number;
  /** Members of the create request that are kept and told again, e.g. loggingConfiguration. */
  readonly configuration: string;
  /** Those of the machine at this moment: only `Registry.machine` tells them. */
  readonly searchAttributes?: SearchAttributes;
}

/** A row of a list: without the definition. */
export type StateMachineSummary = Pick<StateMachineRecord, 'stateMachineArn' | 'name' | 'type' | 'creationMs'>;

export interface ActivityRecord extends ActivitySettings {
  readonly activityArn: string;
  readonly name: string;
  readonly creationMs: number;
}

/** What is absent stays as it is; no limits are `{}`. */
export interface ActivityChange {
  readonly limits?: ActivityLimits;
  readonly paused?: boolean;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface Registry {
  /** The least level (`ENGINE_LEVEL`) of the engines that live; the present one when none does. */
  oldestEngine(): Promise<number>;

  /** Creates it with its tags, or answers the one that has the ARN already. */
  createMachine(
    machine: Omit<StateMachineRecord, 'creationMs' | 'updateMs'>,
    tags?: readonly Tag[],
  ): Promise<{ created: boolean; machine: StateMachineRecord }>;
  /** Writes a new revision; undefined when there is no such machine. */
  updateMachine(
    stateMachineArn: string,
    change: Partial<Pick<StateMachineRecord, 'definition' | 'roleArn' | 'configuration'>> & { revisionId: string },
  ): Promise<StateMachineRecord | undefined>;
  machine(stateMachineArn: string): Promise<StateMachineRecord | undefined>;
  /** The revision that an execution runs, also after the machine was updated or deleted. */
  revision(revisionId: string): Promise<StateMachineRecord | undefined>;
  /** Sorted by name. `after` is the last name of the page before. */
  listMachines(page: { limit: number; after?: string }): Promise<{ machines: StateMachineSummary[]; more: boolean }>;
  /** Its versions, aliases and tags go with it; its revisions stay. */
  deleteMachine(stateMachineArn: string): Promise<void>;
  /** Reference paths into the inputs of a machine's executions, by the name of the search attribute; undefined when there are none. */
  searchAttributes(stateMachineArn: string): Promise<SearchAttributes | undefined>;
  /**
   * Replaces them, for executions that start from now on, by whatever version or alias. Executions keep what they have. Names and paths
   * are the caller's to check. False when there is no such machine.
   */
  setSearchAttributes(stateMachineArn: string, paths: SearchAttributes): Promise<boolean>;

  /** Creates it with its tags, or answers the one that has the ARN already. */
  createActivity(
    activity: Omit<ActivityRecord, 'creationMs'>,
    tags?: readonly Tag[],
  ): Promise<{ created: boolean; activity: ActivityRecord }>;
  activity(activityArn: string): Promise<ActivityRecord | undefined>;
  /** Changes its settings; undefined when there is no such activity. */
  changeActivity(activityArn: string, change: ActivityChange): Promise<ActivityRecord | undefined>;
  /** Sorted by name, without their settings. */
  listActivities(page: { limit: number; after?: string }): Promise<{ activities: ActivityRecord[]; more: boolean }>;
  deleteActivity(activityArn: string): Promise<void>;

  /** The tags of a machine or an activity, in the order they were given; undefined when there is no such resource. */
  tags(resourceArn: string): Promise<readonly Tag[] | undefined>;
  /**
   * Makes a resource's tags what `change` makes of them; it may be asked again when others change them at the same time, and what
   * it throws ends the call. Answers the new tags; undefined when there is no such resource.
   */
  changeTags(
    resourceArn: string,
    change: (tags: readonly Tag[]) => readonly Tag[],
  ): Promise<readonly Tag[] | undefined>;
}
