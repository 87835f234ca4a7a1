import Type from 'typebox';
import { operation } from '../operation.ts';
import { readArn } from '../resources.ts';
import { ArnText, EncryptionConfiguration, seconds, Timestamp } from '../shapes.ts';

export const describeActivity = operation({
  name: 'DescribeActivity',
  input: Type.Object({ activityArn: ArnText }),
  output: Type.Object({
    activityArn: Type.String(),
    name: Type.String(),
    creationDate: Timestamp,
    encryptionConfiguration: EncryptionConfiguration,
  }),
  errors: ['ActivityDoesNotExist', 'InvalidArn'],
  async handle({ activityArn }, context) {
    readArn('activity', activityArn, context);
    const activity = await context.store.registry.activity(activityArn);
    if (!activity) throw context.reject('ActivityDoesNotExist', activityArn);
    return {
      activityArn,
      name: activity.name,
      creationDate: seconds(activity.creationMs),
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' as const },
    };
  },
});
