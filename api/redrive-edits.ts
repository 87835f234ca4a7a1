import { EditRefused, planRedrive } from '../engine/index.ts';
import {
  type ExecutionDescription,
  type RedriveChange,
  type StateMachineRecord,
  UNDERSTOOD_FROM,
} from '../engine/store/store.ts';
import { type Json, JsonError } from '../schemas/json.ts';
import { DefinitionError } from '../schemas/problem.ts';
import { jsonComplaint } from './json-text.ts';
import { mergePatch } from './merge-patch.ts';
import type { Context } from './operation.ts';
import { type ChangeOf, REDRIVE_ERRORS } from './redriving.ts';

/** What a request may want otherwise of a redrive. */

/** Asks for the revision that starts get now. */
export const CURRENT = 'current';

export interface AskedEdits {
  /** The input to go on with, a JSON text. */
  readonly input?: string;
  /** A JSON merge patch of the input that there is. */
  readonly patch?: unknown;
  /** Which of several halted states has the input. */
  readonly at?: string;
  readonly state?: string;
  readonly version?: number;
  readonly revisionId?: string;
}

export const EDIT_ERRORS = [...REDRIVE_ERRORS, 'InvalidExecutionInput', 'ResourceNotFound'] as const;
type EditContext = Pick<Context<(typeof EDIT_ERRORS)[number]>, 'store' | 'config' | 'reject' | 'jsonFault'>;

/**
 * Whether what is asked can be meant, whatever the execution.
 *
 * @throws ApiError ValidationException, InvalidExecutionInput
 */
export function checkEdits(edits: AskedEdits, context: EditContext): void {
  const { reject } = context;
  for (const [one, other] of [
    ['input', 'patch'],
    ['version', 'revisionId'],
    ['at', 'state'],
  ] as const) {
    if (edits[one] === undefined || edits[other] === undefined) continue;
    throw reject('ValidationException', `There can be '${one}' or '${other}', not both`);
  }
  if (edits.at !== undefined && edits.input === undefined && edits.patch === undefined) {
    throw reject('ValidationException', "With 'at' there must be 'input' or 'patch'");
  }
  if (edits.input === undefined) return;
  const complaint = jsonComplaint(edits.input, context) ?? tooLarge(edits.input, context);
  if (complaint !== undefined) throw reject('InvalidExecutionInput', complaint);
}

const tooLarge = (input: string, { config }: EditContext): string | undefined =>
  Buffer.byteLength(input) > config.maxPayloadBytes
    ? `The input is larger than ${config.maxPayloadBytes} bytes of UTF-8`
    : undefined;

/**
 * What the edits change of an execution that has ended; undefined when there is nothing to say.
 *
 * @param by who wants it
 * @returns throws ApiErrors of {@link EDIT_ERRORS}
 */
export function changeBy(edits: AskedEdits, context: EditContext, by?: string): ChangeOf | undefined {
  const who = by === undefined ? {} : { by };
  if (Object.values(edits).some((edit) => edit !== undefined)) {
    return async (execution) => ({ ...(await changeOf(edits, execution, context)), ...who });
  }
  return by === undefined ? undefined : async () => who;
}

async function changeOf(
  edits: AskedEdits,
  execution: ExecutionDescription,
  context: EditContext,
): Promise<RedriveChange> {
  const { executionArn, revisionId } = execution;
  const { store, reject } = context;
  const isEdited = Object.values(edits).some((edit) => edit !== undefined);
  if (isEdited && (await store.registry.oldestEngine()) < UNDERSTOOD_FROM.redriveEdits) {
    throw reject(
      'ExecutionNotRedrivable',
      executionArn,
      'An engine of an earlier version, which knows no edits, still runs',
    );
  }
  const [frames, present, asked] = await Promise.all([
    store.executions.frames(executionArn),
    store.registry.revision(revisionId),
    askedRevision(edits, execution, context),
  ]);
  if (!present) throw reject('ExecutionNotRedrivable', executionArn, 'Its definition is no longer there');
  const other = asked?.revisionId === revisionId ? undefined : asked;
  const { state, at } = edits;
  const input = inputMaker(edits, context);
  const plan = {
    ...(state !== undefined && { state }),
    ...(at !== undefined && { at }),
    ...(input && { input }),
    ...(other && { revision: { name: nameOf(edits, other), definition: other.definition } }),
  };
  try {
    const planned = planRedrive(plan, { record: execution, frames }, present.definition);
    return { edits: planned, ...(other && { revisionId: other.revisionId }) };
  } catch (error) {
    if (!(error instanceof EditRefused || error instanceof DefinitionError)) throw error;
    throw reject('ExecutionNotRedrivable', executionArn, error.message);
  }
}

function inputMaker({ input, patch }: AskedEdits, context: EditContext): ((present: Json) => string) | undefined {
  if (input !== undefined) return () => input;
  if (patch === undefined) return undefined;
  return (present) => {
    const patched = JSON.stringify(patchedInput(present, patch as Json, context));
    const complaint = tooLarge(patched, context);
    if (complaint !== undefined) throw context.reject('InvalidExecutionInput', complaint);
    return patched;
  };
}

function patchedInput(present: Json, patch: Json, { reject }: EditContext): Json {
  try {
    return mergePatch(present, patch);
  } catch (error) {
    throw error instanceof JsonError ? reject('ValidationException', error.message) : error;
  }
}

/**
 * The revision to go on with, when there is a question of one.
 *
 * @throws ApiError ResourceNotFound
 */
export async function askedRevision(
  edits: AskedEdits,
  { stateMachineArn }: Pick<ExecutionDescription, 'stateMachineArn'>,
  { store, reject }: EditContext,
): Promise<StateMachineRecord | undefined> {
  const { version, revisionId } = edits;
  if (version === undefined && revisionId === undefined) return undefined;
  if (revisionId === CURRENT) return store.registry.machine(stateMachineArn);
  const id = version === undefined ? revisionId : (await store.versions.version(stateMachineArn, version))?.revisionId;
  const revision = id === undefined ? undefined : await store.registry.revision(id);
  if (revision?.stateMachineArn === stateMachineArn) return revision;
  const what = version === undefined ? `revision ${revisionId}` : `version ${version}`;
  throw reject('ResourceNotFound', `${what} of ${stateMachineArn}`);
}

const nameOf = ({ version }: AskedEdits, { revisionId }: StateMachineRecord): string =>
  version === undefined ? `revision ${revisionId}` : `version ${version}`;
