import type { Registry, StateMachineRecord } from '../engine/store/registry-store.ts';
import type { AliasRecord } from '../engine/store/version-store.ts';
import { type MachineReference, qualifiedArn } from '../schemas/arn.ts';
import type { Context } from './operation.ts';
import { readReference } from './resources.ts';

/** What the ARN of a machine, a version or an alias stands for at this moment. */
export interface QualifiedMachine {
  /** The machine as its revision has it. */
  readonly machine: StateMachineRecord;
  readonly version?: number;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
}

type AliasRoute = AliasRecord['routes'][number];

/** Which of an alias's routes is meant. */
export type ChooseRoute = (routes: AliasRecord['routes']) => AliasRoute | undefined;

/** For a start: each version by its weight. @param draw from 0 on and below 1 */
export const byWeight =
  (draw: number): ChooseRoute =>
  (routes) => {
    let left = draw * 100;
    return routes.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
  };

/** To tell about an alias: the version that most starts run. */
export const mostWeight: ChooseRoute = (routes) =>
  routes.reduce((most, route) => (route.weight > most.weight ? route : most), routes[0] ?? NO_ROUTE);

const NO_ROUTE: AliasRoute = { version: 0, weight: 0, revisionId: '' };

/**
 * Finds what an ARN names. An alias stands for one of its versions.
 *
 * @throws ApiError InvalidArn, StateMachineDoesNotExist
 */
export async function findQualified(
  arn: string,
  choose: ChooseRoute,
  context: Context<'InvalidArn' | 'StateMachineDoesNotExist'>,
): Promise<QualifiedMachine> {
  const reference = readReference(arn, context);
  const found = await lookUp(arn, reference, choose, context);
  if (!found) throw context.reject('StateMachineDoesNotExist', arn);
  return found;
}

async function lookUp(
  arn: string,
  reference: MachineReference,
  choose: ChooseRoute,
  { store: { registry, versions } }: Context,
): Promise<QualifiedMachine | undefined> {
  const { machineArn } = reference;
  switch (reference.kind) {
    case 'machine': {
      const machine = await registry.machine(machineArn);
      return machine && { machine };
    }
    case 'version': {
      const { version } = reference;
      const kept = await versions.version(machineArn, version);
      const machine = kept && (await revisionOf(machineArn, kept.revisionId, registry));
      return machine && { machine, version, stateMachineVersionArn: arn };
    }
    case 'alias': {
      const alias = await versions.alias(machineArn, reference.alias);
      const route = alias && choose(alias.routes);
      const machine = route && (await revisionOf(machineArn, route.revisionId, registry));
      if (!machine) return undefined;
      const { version } = route;
      const stateMachineVersionArn = qualifiedArn(machineArn, version);
      return { machine, version, stateMachineVersionArn, stateMachineAliasArn: arn };
    }
  }
}

/** A revision, with the search attributes that the machine has now; read in one go. */
async function revisionOf(
  machineArn: string,
  revisionId: string,
  registry: Registry,
): Promise<StateMachineRecord | undefined> {
  const read = [registry.revision(revisionId), registry.searchAttributes(machineArn)] as const;
  const [machine, searchAttributes] = await Promise.all(read);
  return machine && { ...machine, ...(searchAttributes && { searchAttributes }) };
}
