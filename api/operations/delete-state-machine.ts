import Type from 'typebox';
import { operation } from '../operation.ts';
import { readArn } from '../resources.ts';
import { ArnText, Nothing } from '../shapes.ts';

export const deleteStateMachine = operation({
  name: 'DeleteStateMachine',
  input: Type.Object({ stateMachineArn: ArnText }),
  output: Nothing,
  errors: ['InvalidArn'],
  async handle({ stateMachineArn }, context) {
    const { names } = readArn('stateMachine', stateMachineArn, context);
    // Deleting what is not there succeeds, and a version or an alias is never there.
    if (names.length === 1) await context.store.registry.deleteMachine(stateMachineArn);
    return {};
  },
});
