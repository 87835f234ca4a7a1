import Type from 'typebox';
import { requireDefinition } from '../definition-check.ts';
import {
  machineSettings,
  requireSettings,
  sameSettings,
  settingsOf,
  storedSettings,
  toldRevision,
} from '../machine-settings.ts';
import { operation } from '../operation.ts';
import { requireVersionless } from '../refusals.ts';
import { findMachine, requireRole } from '../resources.ts';
import {
  ArnText,
  Definition,
  EncryptionConfiguration,
  LoggingConfiguration,
  RoleArn,
  seconds,
  Timestamp,
  TracingConfiguration,
  VersionDescription,
} from '../shapes.ts';

export const updateStateMachine = operation({
  name: 'UpdateStateMachine',
  input: Type.Object({
    stateMachineArn: ArnText,
    definition: Type.Optional(Definition),
    roleArn: Type.Optional(RoleArn),
    loggingConfiguration: Type.Optional(LoggingConfiguration),
    tracingConfiguration: Type.Optional(TracingConfiguration),
    publish: Type.Optional(Type.Boolean()),
    versionDescription: Type.Optional(VersionDescription),
    encryptionConfiguration: Type.Optional(EncryptionConfiguration),
  }),
  output: Type.Object({ updateDate: Timestamp, revisionId: Type.Optional(Type.String()) }),
  errors: [
    'InvalidArn',
    'InvalidDefinition',
    'InvalidEncryptionConfiguration',
    'InvalidLoggingConfiguration',
    'MissingRequiredParameter',
    'StateMachineDoesNotExist',
  ],
  async handle(input, context) {
    const { store, ids, reject } = context;
    const { stateMachineArn, definition, roleArn } = input;
    const machine = await findMachine(stateMachineArn, context);
    requireVersionless(input, context);
    if (!CHANGES.some((member) => input[member] !== undefined)) throw reject('MissingRequiredParameter', NOTHING_TO_DO);
    if (roleArn !== undefined) requireRole(roleArn, context);
    const before = machineSettings(machine);
    const settings = settingsOf(input, before);
    requireSettings(settings, context);
    if (definition !== undefined) requireDefinition(definition, machine.type, context);
    const change = {
      ...(definition !== undefined && definition !== machine.definition && { definition }),
      ...(roleArn !== undefined && roleArn !== machine.roleArn && { roleArn }),
      ...(!sameSettings(settings, before) && { configuration: storedSettings(settings) }),
    };
    // An update to what the machine is already makes no new revision.
    if (Object.keys(change).length === 0) {
      return { updateDate: seconds(machine.updateMs), revisionId: toldRevision(machine) };
    }
    const updated = await store.registry.updateMachine(stateMachineArn, { ...change, revisionId: ids.uuid() });
    if (!updated) throw reject('StateMachineDoesNotExist', stateMachineArn);
    return { updateDate: seconds(updated.updateMs), revisionId: updated.revisionId };
  },
});

const CHANGES = [
  'definition',
  'roleArn',
  'loggingConfiguration',
  'tracingConfiguration',
  'encryptionConfiguration',
] as const;

const NOTHING_TO_DO =
  'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified';
