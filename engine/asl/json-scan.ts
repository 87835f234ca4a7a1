import {
  type Fault,
  isFault,
  type Read,
  readNumber,
  readString,
  readWord,
  skipSpace,
  unexpected,
} from './json-tokens.ts';

/** What `JSON.parse` does not tell: where exactly a text stops being JSON, and which state is written twice. */
export interface Scan {
  readonly fault: Fault | undefined;
  readonly duplicateStates: readonly { readonly name: string; readonly pointer: string }[];
}

/** What an object or array is to the language; only members of `states` are states. */
type Role = 'scope' | 'states' | 'state' | 'branches' | 'other';

interface Frame {
  readonly object: boolean;
  readonly start: number;
  readonly role: Role;
  readonly pointer: string;
  readonly names: Set<string>;
  /** The name of the member, or the index of the item, that is being read. */
  name: string;
  index: number;
}

interface Scanner {
  readonly text: string;
  readonly stack: Frame[];
  readonly duplicates: { name: string; pointer: string }[];
}

/** Describes where a frame starts, in words of the parser. */
export type Describe = (offset: number) => string;

/**
 * Reads a JSON text without building it. The stack is its own, so that any depth is safe.
 *
 * @param describe how to write the place of an opening bracket into a message
 */
export function scanJson(text: string, describe: Describe): Scan {
  const scanner: Scanner = { text, stack: [], duplicates: [] };
  const end = scan(scanner, describe);
  return { fault: isFault(end) ? end : undefined, duplicateStates: scanner.duplicates };
}

/** Alternates between reading one value and reading what must follow it. */
function scan(scanner: Scanner, describe: Describe): Read {
  let step: Read = readValue(scanner, skipSpace(scanner.text, 0));
  while (!isFault(step)) {
    const at = skipSpace(scanner.text, step.end);
    const frame = scanner.stack.at(-1);
    if (frame === undefined) {
      if (at >= scanner.text.length) return { end: at };
      return unexpected(scanner.text, at, 'expected the end of the text');
    }
    step = readInside(scanner, frame, at, describe);
  }
  return step;
}

function readInside(scanner: Scanner, frame: Frame, at: number, describe: Describe): Read {
  const { text } = scanner;
  const kind = frame.object ? 'Object' : 'Array';
  const close = frame.object ? '}' : ']';
  const next = text.charAt(at);
  if (next === '') return unclosed(text, frame, kind, describe);
  if (next === close) {
    scanner.stack.pop();
    return { end: at + 1 };
  }
  if (next === '}' || next === ']') {
    const reason = `Unexpected close marker '${next}': expected '${close}' (for ${kind} starting at ${describe(frame.start)})`;
    return { reason, offset: at + 1 };
  }
  if (frame.index < 0) return readMember(scanner, frame, at, describe);
  if (next !== ',') return unexpected(text, at, `was expecting comma to separate ${kind} entries`);
  const start = skipSpace(text, at + 1);
  if (start >= text.length) return unclosed(text, frame, kind, describe);
  return readMember(scanner, frame, start, describe);
}

const unclosed = (text: string, frame: Frame, kind: string, describe: Describe): Fault => ({
  reason: `Unexpected end-of-input: expected close marker for ${kind} (start marker at ${describe(frame.start)})`,
  offset: text.length,
});

/** The next member of an object, or the next item of an array. */
function readMember(scanner: Scanner, frame: Frame, at: number, describe: Describe): Read {
  frame.index += 1;
  if (!frame.object) return readValue(scanner, at);
  const { text } = scanner;
  if (text.charAt(at) !== '"') return unexpected(text, at, 'was expecting double-quote to start field name');
  const name = readString(text, at, 'name');
  if (isFault(name)) return name;
  const colon = skipSpace(text, name.end);
  if (colon >= text.length) return unclosed(text, frame, 'Object', describe);
  if (text.charAt(colon) !== ':')
    return unexpected(text, colon, 'was expecting a colon to separate field name and value');
  noteName(scanner, frame, String(JSON.parse(text.slice(at, name.end))));
  const value = skipSpace(text, colon + 1);
  if (value >= text.length)
    return { reason: 'Unexpected end-of-input within/between Object entries', offset: text.length };
  return readValue(scanner, value);
}

function noteName(scanner: Scanner, frame: Frame, name: string): void {
  frame.name = name;
  if (frame.role !== 'states') return;
  if (frame.names.has(name)) scanner.duplicates.push({ name, pointer: `${frame.pointer}/${name}` });
  frame.names.add(name);
}

function readValue(scanner: Scanner, at: number): Read {
  const { text } = scanner;
  const first = text.charAt(at);
  if (first === '{' || first === '[') {
    scanner.stack.push(open(scanner.stack.at(-1), first === '{', at));
    return { end: at + 1 };
  }
  if (first === '"') return readString(text, at, 'string value');
  if (first === '-' || (first >= '0' && first <= '9')) return readNumber(text, at);
  return readWord(text, at);
}

function open(outer: Frame | undefined, object: boolean, start: number): Frame {
  return {
    object,
    start,
    role: roleOf(outer, object),
    pointer: pointerOf(outer),
    names: new Set(),
    name: '',
    index: -1,
  };
}

function pointerOf(outer: Frame | undefined): string {
  if (outer === undefined || outer.role === 'other') return '';
  return outer.object ? `${outer.pointer}/${outer.name}` : `${outer.pointer}[${outer.index}]`;
}

function roleOf(outer: Frame | undefined, object: boolean): Role {
  if (outer === undefined) return object ? 'scope' : 'other';
  if (!object) return outer.role === 'state' && outer.name === 'Branches' ? 'branches' : 'other';
  switch (outer.role) {
    case 'scope':
      return outer.name === 'States' ? 'states' : 'other';
    case 'states':
      return 'state';
    case 'branches':
      return 'scope';
    case 'state':
      return PROCESSORS.has(outer.name) ? 'scope' : 'other';
    case 'other':
      return 'other';
  }
}

const PROCESSORS: ReadonlySet<string> = new Set(['ItemProcessor', 'Iterator']);
