import type { JsonObject } from '../../schemas/json.ts';

/** Small definitions that several tests start from. */

export const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:work';

export const machine = (states: Record<string, JsonObject>, rest: JsonObject = {}): JsonObject => ({
  StartAt: Object.keys(states)[0] ?? '',
  States: states,
  ...rest,
});

/** A Task on an activity that ends its scope unless told otherwise. */
export const task = (fields: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: ACTIVITY,
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

export const pass = (fields: JsonObject = {}): JsonObject => ({
  Type: 'Pass',
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

export const fail = (error: string): JsonObject => ({ Type: 'Fail', Error: error, Cause: `because ${error}` });
