import Type from 'typebox';
import type { StateMachineRecord } from '../../engine/store/store.ts';
import { stateMachineArn } from '../../schemas/arn.ts';
import { requireDefinition } from '../definition-check.ts';
import {
  initialRevision,
  type MachineSettings,
  machineSettings,
  requireSettings,
  sameSettings,
  settingsOf,
  storedSettings,
} from '../machine-settings.ts';
import { operation } from '../operation.ts';
import { requireVersionless } from '../refusals.ts';
import { requireName, requireRole } from '../resources.ts';
import {
  Definition,
  EncryptionConfiguration,
  LoggingConfiguration,
  MachineType,
  Name,
  RoleArn,
  seconds,
  Tags,
  Timestamp,
  TracingConfiguration,
  VersionDescription,
} from '../shapes.ts';

export const createStateMachine = operation({
  name: 'CreateStateMachine',
  input: Type.Object({
    name: Name,
    definition: Definition,
    roleArn: RoleArn,
    type: Type.Optional(MachineType),
    loggingConfiguration: Type.Optional(LoggingConfiguration),
    tags: Type.Optional(Tags),
    tracingConfiguration: Type.Optional(TracingConfiguration),
    publish: Type.Optional(Type.Boolean()),
    versionDescription: Type.Optional(VersionDescription),
    encryptionConfiguration: Type.Optional(EncryptionConfiguration),
  }),
  output: Type.Object({ stateMachineArn: Type.String(), creationDate: Timestamp }),
  errors: [
    'InvalidArn',
    'InvalidDefinition',
    'InvalidEncryptionConfiguration',
    'InvalidLoggingConfiguration',
    'InvalidName',
    'StateMachineAlreadyExists',
    'TooManyTags',
  ],
  async handle(input, context) {
    const { store, config, ids, region, reject } = context;
    const { name, definition, roleArn, type = 'STANDARD', tags = [] } = input;
    requireName(name, context);
    requireRole(roleArn, context);
    requireVersionless(input, context);
    const settings = settingsOf(input);
    requireSettings(settings, context);
    const arn = stateMachineArn({ accountId: config.accountId, region }, name);
    if (tags.length > 50) throw reject('TooManyTags', arn);
    requireDefinition(definition, type, context);
    const { created, machine } = await store.registry.createMachine({
      stateMachineArn: arn,
      name,
      type,
      roleArn,
      revisionId: initialRevision(ids.uuid()),
      definition,
      configuration: storedSettings(settings),
    });
    // Role and tags may differ: AWS takes the request for a repetition all the same.
    if (!created && !isSame(machine, { type, definition, settings })) throw reject('StateMachineAlreadyExists', arn);
    return { stateMachineArn: arn, creationDate: seconds(machine.creationMs) };
  },
});

interface Asked {
  readonly type: StateMachineRecord['type'];
  readonly definition: string;
  readonly settings: MachineSettings;
}

const isSame = (machine: StateMachineRecord, { type, definition, settings }: Asked): boolean =>
  machine.type === type && machine.definition === definition && sameSettings(machineSettings(machine), settings);
