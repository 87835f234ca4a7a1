import type { Definition } from '../../schemas/definition.ts';
import type { Json } from '../../schemas/json.ts';
import { DefinitionError } from '../../schemas/problem.ts';
import { parseDefinition } from '../asl/parse.ts';
import { editsOf, type RedriveWish, type Remains } from '../interpreter/redrive-edits.ts';
import type { RedriveEdits } from '../interpreter/stimulus.ts';

/** What is wanted of a redrive, with definitions as texts: see {@link RedriveWish}. */
export interface RedrivePlan {
  readonly state?: string;
  readonly at?: string;
  readonly input?: (present: Json) => string;
  readonly revision?: { readonly name: string; readonly definition: string };
}

/**
 * What a redrive of an execution is to change, from what is wanted and what is left of it.
 *
 * @param definition the text that it has run
 * @throws EditRefused when that cannot be; DefinitionError when a text is no definition that Stepyard knows
 */
export function planRedrive(
  { revision, ...plan }: RedrivePlan,
  remains: Omit<Remains, 'definition'>,
  definition: string,
): RedriveEdits {
  const other = revision && { name: revision.name, definition: parsed(revision.definition) };
  const wish: RedriveWish = { ...plan, ...(other && { revision: other }) };
  return editsOf(wish, { ...remains, definition: parsed(definition) });
}

function parsed(text: string): Definition {
  const { definition, problems } = parseDefinition(text);
  if (!definition) throw new DefinitionError(problems);
  return definition;
}
