import Type from 'typebox';
import { operation } from '../operation.ts';
import { readArn } from '../resources.ts';
import { ArnText, Nothing } from '../shapes.ts';

export const deleteActivity = operation({
  name: 'DeleteActivity',
  input: Type.Object({ activityArn: ArnText }),
  output: Nothing,
  errors: ['InvalidArn'],
  async handle({ activityArn }, context) {
    readArn('activity', activityArn, context);
    await context.store.registry.deleteActivity(activityArn);
    return {};
  },
});
