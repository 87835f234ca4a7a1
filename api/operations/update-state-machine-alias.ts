import Type from 'typebox';
import { readAliasArn, readRouting } from '../aliases.ts';
import { operation } from '../operation.ts';
import { ArnText, Description, RoutingConfiguration, seconds, Timestamp } from '../shapes.ts';

export const updateStateMachineAlias = operation({
  name: 'UpdateStateMachineAlias',
  input: Type.Object({
    stateMachineAliasArn: ArnText,
    description: Type.Optional(Description),
    routingConfiguration: Type.Optional(RoutingConfiguration),
  }),
  output: Type.Object({ updateDate: Timestamp }),
  errors: ['InvalidArn', 'ResourceNotFound'],
  async handle({ stateMachineAliasArn, description, routingConfiguration }, context) {
    const { store, reject } = context;
    const { machineArn, alias: name } = readAliasArn(stateMachineAliasArn, context);
    if (description === undefined && !routingConfiguration)
      throw reject('ValidationException', NOTHING_TO_DO, 'MISSING_REQUIRED_PARAMETER');
    const routing = routingConfiguration && readRouting(routingConfiguration, context);
    if (routing && routing.machineArn !== machineArn)
      throw reject('ValidationException', OTHER_MACHINE, 'INVALID_ROUTING_CONFIGURATION');
    const answer = await store.versions.updateAlias(machineArn, {
      name,
      ...(description !== undefined && { description }),
      ...(routing && { routes: routing.routes }),
    });
    if (answer.outcome !== 'updated') throw reject('ResourceNotFound');
    return { updateDate: seconds(answer.alias.updateMs) };
  },
});

const NOTHING_TO_DO = 'Either the description or the RoutingConfiguration must be specified';
const OTHER_MACHINE = 'Routing configuration must contain versions of the state machine that the alias belongs to';
