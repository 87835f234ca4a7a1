import type { StateMachineRecord } from '../engine/store/store.ts';
import {
  ArnError,
  type ArnKind,
  isName,
  type MachineReference,
  type ParsedArn,
  parseArnOf,
  parseMachineReference,
} from '../schemas/arn.ts';
import type { MapRunRecord } from '../schemas/map-run.ts';
import type { Context } from './operation.ts';

/** Steps that operations share: reading ARNs and names, finding what they name. */

/** @throws ApiError InvalidArn */
export const readArn = (kind: ArnKind, text: string, context: Pick<Context<'InvalidArn'>, 'reject'>): ParsedArn =>
  readable(() => parseArnOf(kind, text), context);

/**
 * The machine, version or alias that an ARN names. The ARN of a Map state, which is its machine's with a label, names none of them.
 *
 * @throws ApiError InvalidArn, ValidationException
 */
export function readReference(arn: string, context: Context<'InvalidArn'>): MachineReference {
  const reference = readable(() => parseMachineReference(arn), context);
  if (!reference.machineArn.includes('/')) return reference;
  throw context.reject(
    'ValidationException',
    `This operation does not support the ARN of a Map state: ${arn}`,
    'API_DOES_NOT_SUPPORT_LABELED_ARNS',
  );
}

function readable<T>(parse: () => T, { reject }: Pick<Context<'InvalidArn'>, 'reject'>): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof ArnError ? reject('InvalidArn', error.message) : error;
  }
}

/** @throws ApiError InvalidName */
export function requireName(name: string, { reject }: Context<'InvalidName'>): void {
  if (!isName(name)) throw reject('InvalidName', name);
}

/** A role as IAM writes it. Nothing is done with it but telling it again, as definitions and context objects expect. */
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/;

/** @throws ApiError InvalidArn */
export function requireRole(roleArn: string, { reject }: Context<'InvalidArn'>): void {
  if (!ROLE.test(roleArn)) throw reject('InvalidArn', `Invalid Role Arn: ${roleArn}`);
}

/**
 * The machine of an ARN, where versions and aliases do not count as one.
 *
 * @throws ApiError InvalidArn, StateMachineDoesNotExist, ValidationException
 */
export async function findMachine(
  arn: string,
  context: Context<'InvalidArn' | 'StateMachineDoesNotExist'>,
): Promise<StateMachineRecord> {
  const { kind } = readReference(arn, context);
  const machine = kind === 'machine' ? await context.store.registry.machine(arn) : undefined;
  if (!machine) throw context.reject('StateMachineDoesNotExist', arn);
  return machine;
}

/** @throws ApiError InvalidArn, ResourceNotFound */
export async function findMapRun(
  arn: string,
  context: Context<'InvalidArn' | 'ResourceNotFound'>,
): Promise<MapRunRecord> {
  readArn('mapRun', arn, context);
  const mapRun = await context.store.mapRuns.describe(arn);
  if (!mapRun) throw context.reject('ResourceNotFound', arn);
  return mapRun;
}
