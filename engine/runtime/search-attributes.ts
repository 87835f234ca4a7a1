import { type Json, parseJson } from '../../schemas/json.ts';
import { parsePath } from '../query/jsonpath/path-parser.ts';
import { type Reader, readerOf, referenceSteps } from '../query/jsonpath/reference-path.ts';
import { SyntaxFault } from '../query/jsonpath/scanner.ts';
import {
  MAX_ATTRIBUTE_VALUE,
  MAX_SEARCH_ATTRIBUTES,
  SEARCH_ATTRIBUTE_NAME,
  type SearchAttributes,
} from '../store/search.ts';

/** Reads the search attributes of executions from their inputs. */
export interface AttributeReader {
  /**
   * The values at a machine's paths: texts, numbers and booleans, as texts of at most 256 characters. Whatever else is there, or nothing,
   * gives no attribute.
   *
   * @param input a JSON text
   */
  read(paths: SearchAttributes, input: string): SearchAttributes;
  /** What is wrong with the search attributes that somebody wants for a machine; undefined when nothing is. */
  complaint(paths: SearchAttributes): string | undefined;
}

/** More paths than are used again and again. */
const CAPACITY = 1000;

export function createAttributeReader(): AttributeReader {
  const known = new Map<string, Reader>();
  const readerAt = (path: string): Reader => {
    const found = known.get(path);
    if (found) return found;
    const reader = compile(path) ?? (() => undefined);
    if (known.size >= CAPACITY) known.clear();
    known.set(path, reader);
    return reader;
  };
  return {
    read(paths, input) {
      const data = parseJson(input);
      const values = Object.entries(paths).flatMap(([name, path]): [string, string][] => {
        const text = textOf(readerAt(path)(data));
        return text === undefined || text.length > MAX_ATTRIBUTE_VALUE ? [] : [[name, text]];
      });
      return Object.fromEntries(values);
    },
    complaint,
  };
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : undefined;
}

/** Longer than any path that somebody would write. */
const MAX_PATH = 1000;

function complaint(paths: SearchAttributes): string | undefined {
  const entries = Object.entries(paths);
  if (entries.length > MAX_SEARCH_ATTRIBUTES) {
    return `A state machine has at most ${MAX_SEARCH_ATTRIBUTES} search attributes, not ${entries.length}.`;
  }
  for (const [name, path] of entries) {
    if (!SEARCH_ATTRIBUTE_NAME.test(name)) {
      return `The search attribute '${name}' must have a name of 1 to 64 letters, digits, '-' and '_' that begins with a letter.`;
    }
    if (path.length > MAX_PATH || !compile(path)) {
      return `The search attribute '${name}' must have a reference path into the input, like '$.order.id', not '${path.slice(0, MAX_PATH)}'.`;
    }
  }
  return undefined;
}

/** Undefined for what is no reference path into the input. */
function compile(path: string): Reader | undefined {
  try {
    const { root, segments } = parsePath(path);
    const steps = root.kind === 'input' ? referenceSteps(segments) : undefined;
    return steps && readerOf(steps);
  } catch (error) {
    if (error instanceof SyntaxFault) return undefined;
    throw error;
  }
}
