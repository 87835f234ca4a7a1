import type { Static } from 'typebox';
import type { StateMachineRecord } from '../engine/store/store.ts';
import type { MachineChecker } from './operation.ts';
import type { IncludedData } from './shapes.ts';

interface ToldDefinition {
  readonly definition: string;
  readonly variableReferences?: ReturnType<MachineChecker['references']>;
}

/** What a machine is told to do, and the variables that its states read: neither when only metadata is asked for. */
export function toldDefinition(
  machine: StateMachineRecord,
  includedData: Static<typeof IncludedData> | undefined,
  machines: MachineChecker,
): ToldDefinition {
  if (includedData === 'METADATA_ONLY') return { definition: '{}' };
  const { definition } = machine;
  const variableReferences = machines.references(machine);
  return Object.keys(variableReferences).length === 0 ? { definition } : { definition, variableReferences };
}
