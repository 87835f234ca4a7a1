import { parseDefinition } from '../asl/parse.ts';
import { type VariableReferences, variableReferences } from '../asl/variable-references.ts';
import type { StateMachineRecord } from '../store/store.ts';

/** Tells which variables the states of a stored machine read: none when its definition cannot be read any more. */
export type ReferenceReader = (
  machine: Pick<StateMachineRecord, 'definition' | 'revisionId' | 'type'>,
) => VariableReferences;

/** More revisions than are looked at again and again. */
const CAPACITY = 1000;

/** Definitions may be large and revisions never change: each is read once, for as long as there is room to remember it. */
export function createReferenceReader(): ReferenceReader {
  const known = new Map<string, VariableReferences>();
  return ({ definition: text, revisionId, type }) => {
    const found = known.get(revisionId);
    if (found) return found;
    const { definition } = parseDefinition(text, type);
    const references = definition ? variableReferences(definition) : {};
    if (known.size >= CAPACITY) known.clear();
    known.set(revisionId, references);
    return references;
  };
}
