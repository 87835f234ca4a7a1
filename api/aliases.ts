import type { Static } from 'typebox';
import type { AliasRecord, Route } from '../engine/store/version-store.ts';
import { type MachineReference, qualifiedArn } from '../schemas/arn.ts';
import type { Context } from './operation.ts';
import { readReference } from './resources.ts';
import type { RoutingConfiguration } from './shapes.ts';

/** What operations on aliases share: their ARNs, and which versions they may route to. */

/** AWS: aliases per state machine. */
export const MAX_ALIASES = 100;

type Routing = Static<typeof RoutingConfiguration>;

/** @throws ApiError InvalidArn when it is not the ARN of an alias */
export function readAliasArn(
  arn: string,
  context: Context<'InvalidArn'>,
): Extract<MachineReference, { kind: 'alias' }> {
  const reference = readReference(arn, context);
  if (reference.kind !== 'alias') throw context.reject('InvalidArn', `Invalid ARN: ${arn}`);
  return reference;
}

/**
 * The machine that a routing configuration is about, and its routes.
 *
 * @throws ApiError ValidationException when the versions are not one or two of one machine, or their weights are not 100 together;
 * InvalidArn
 */
export function readRouting(
  routing: Routing,
  context: Context<'InvalidArn'>,
): { machineArn: string; routes: readonly Route[] } {
  const invalid = (text: string) => context.reject('ValidationException', text, 'INVALID_ROUTING_CONFIGURATION');
  const arns = routing.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const received = `Received: [${arns.join(', ')}]`;
  if (new Set(arns).size < arns.length) {
    throw invalid(`Routing configuration must contain distinct state machine version ARNs. ${received}`);
  }
  const weights = routing.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw invalid(`Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`);
  }
  const machines = new Set<string>();
  const routes = routing.map(({ stateMachineVersionArn, weight }) => {
    const reference = readReference(stateMachineVersionArn, context);
    if (reference.kind !== 'version') {
      throw invalid(`Routing configuration must contain state machine version ARNs. ${received}`);
    }
    machines.add(reference.machineArn);
    return { version: reference.version, weight };
  });
  const [machineArn = '', other] = machines;
  if (other !== undefined) {
    throw invalid(`Routing configuration must contain versions of the same state machine. ${received}`);
  }
  return { machineArn, routes };
}

/** The routing configuration of an alias as clients see it. */
export const toldRouting = (machineArn: string, { routes }: AliasRecord): Routing =>
  routes.map(({ version, weight }) => ({ stateMachineVersionArn: qualifiedArn(machineArn, version), weight }));
