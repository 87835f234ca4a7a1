import { pack, unpack } from './codec.ts';

/**
 * How history events are kept. An event's data is mostly that of an event before it: what a state puts out, the next one
 * gets, and a task is given its state's input. Such an event refers to the other instead of repeating its data: half
 * of the bytes of a history, and most of what compressing would cost.
 *
 * A reference is `<REFERENCE><back>:<at>:<text>`: the data of the event `back` places before belongs into the text, at `at`.
 */
const REFERENCE = 2;
const REFERENCE_MARK = String.fromCharCode(REFERENCE);

/** Shorter data is as long as a reference. */
const WORTH_CHARACTERS = 48;

/** The kept forms of events that one commit appends. They refer to each other, never to those of another commit. */
export function packEvents(events: readonly string[]): (string | Buffer)[] {
  let known = '';
  let knownIndex = 0;
  return events.map((event, index) => {
    const at = dataStart(event);
    if (at < 0) return pack(event);
    const end = at + known.length;
    // Not `startsWith`, which takes ten times as long.
    if (known !== '' && event.slice(at, end) === known) {
      return `${REFERENCE_MARK}${index - knownIndex}:${at}:${event.slice(0, at)}${event.slice(end)}`;
    }
    const data = dataAt(event, at);
    if (data.length >= WORTH_CHARACTERS) {
      known = data;
      knownIndex = index;
    }
    return pack(event);
  });
}

/**
 * The texts of a run of kept events, oldest first.
 *
 * @param referred the kept event before the run that events at its beginning refer to, if they do (`history.lua`)
 */
export function unpackEvents(kept: readonly Buffer[], referred: Buffer | undefined): string[] {
  const before = referred && unpack(referred);
  const texts: string[] = [];
  for (const [index, bytes] of kept.entries()) {
    if (bytes[0] !== REFERENCE) texts.push(unpack(bytes));
    else texts.push(resolve(bytes.toString(), (back) => texts[index - back] ?? before));
  }
  return texts;
}

function resolve(reference: string, eventBefore: (back: number) => string | undefined): string {
  const [, back, at, text] = /^.(\d+):(\d+):(.*)$/s.exec(reference) ?? [];
  const source = eventBefore(Number(back));
  if (text === undefined || source === undefined) throw new TypeError('A history event refers to none');
  return text.slice(0, Number(at)) + dataAt(source, dataStart(source)) + text.slice(Number(at));
}

/** Where the value of the member `input` or `output` begins; -1 when there is none. Inside a text its quotes would be escaped. */
function dataStart(event: string): number {
  const at = event.indexOf('put":"');
  return at < 0 ? -1 : at + 'put":'.length;
}

/** A JSON string as it stands in a text, with its quotes. */
function dataAt(event: string, at: number): string {
  let end = event.indexOf('"', at + 1);
  while (isEscaped(event, end)) end = event.indexOf('"', end + 1);
  return event.slice(at, end + 1);
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

const BACKSLASH = 0x5c;
