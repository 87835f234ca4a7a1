import { type AccessKey, matchesPattern } from '../../schemas/access-key.ts';
import { type Access, isGranted } from './permissions.ts';

/** Who sent a request. */
export type Caller = Pick<AccessKey, 'id' | 'name' | 'role' | 'activities' | 'rate'>;

/** Everybody, as long as there are no keys. */
export const ANYBODY: Caller = { id: 'anybody', role: 'admin', activities: [] };

/** What a caller is called in messages: there are no users, but AWS's wording wants one. */
export const callerArn = ({ id, name }: Caller, accountId: string): string =>
  `arn:aws:iam::${accountId}:user/${name ?? id}`;

/**
 * Whether a caller may do such a thing.
 *
 * @param activityArn what it is about, when that is an activity whose tasks are asked for. A worker's key names those it may have.
 * Tokens of tasks name no activity: who has one got it from a task, so it is good for anybody who may work.
 */
export function mayDo({ role, activities }: Caller, access: Access, activityArn?: string): boolean {
  if (!isGranted(role, access)) return false;
  if (role !== 'worker' || activityArn === undefined) return true;
  return activities.some((pattern) => matchesPattern(pattern, activityArn));
}
