import { type CharacterTest, readClass, readEscape } from './pattern-class.ts';
import { Scanner } from './scanner.ts';

/** Whether a whole text matches; `spend` is told about the work. */
export type Pattern = (text: string, spend: (cost: number) => void) => boolean;

/**
 * One step of a compiled pattern. A `consume` step goes on to the next one, so a program is a list
 * and its state a set of positions in it: no text can make it run longer than text × steps.
 */
type Step =
  | { readonly kind: 'consume'; readonly test: CharacterTest }
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/** Counted repetitions are written out, so `(a{99}){99}` must be refused rather than built. */
const MAX_STEPS = 2000;
const MAX_NESTING = 50;

/**
 * Compiles the regular expression of a filter (`=~ /v[0-9]+/i`) for matching in linear time.
 * Refuses what cannot be matched so: backreferences and looking around.
 *
 * @throws SyntaxFault
 */
export function compilePattern(source: string, flags: string): Pattern {
  const scanner = new Scanner(source);
  const compiler = new Compiler(scanner, flags.includes('i'), flags.includes('s'));
  const program = compiler.alternatives(0);
  if (!scanner.ended) scanner.fail("unexpected ')'");
  return (text, spend) => run(program, text, spend);
}

/** Programs are relative: a fork's targets count from the fork itself, so that parts can be put together. */
class Compiler {
  readonly #scanner: Scanner;
  readonly #ignoreCase: boolean;
  readonly #dotAll: boolean;

  constructor(scanner: Scanner, ignoreCase: boolean, dotAll: boolean) {
    this.#scanner = scanner;
    this.#ignoreCase = ignoreCase;
    this.#dotAll = dotAll;
  }

  alternatives(depth: number): Step[] {
    if (depth > MAX_NESTING) this.#scanner.fail('pattern nested too deeply');
    let program = this.#sequence(depth);
    while (this.#scanner.accept('|')) {
      const other = this.#sequence(depth);
      program = this.#checked([fork(1, program.length + 2), ...program, fork(other.length + 1), ...other]);
    }
    return program;
  }

  #sequence(depth: number): Step[] {
    const program: Step[] = [];
    while (!this.#scanner.ended && this.#scanner.current !== '|' && this.#scanner.current !== ')') {
      for (const step of this.#repeated(this.#atom(depth))) program.push(step);
      this.#checked(program);
    }
    return program;
  }

  #atom(depth: number): Step[] {
    const scanner = this.#scanner;
    if (scanner.accept('(')) {
      if (!scanner.accept('?:') && scanner.current === '?') scanner.fail('only (?: groups are supported');
      const inner = this.alternatives(depth + 1);
      scanner.expect(')');
      return inner;
    }
    if (scanner.accept('^')) return [{ kind: 'start' }];
    if (scanner.accept('$')) return [{ kind: 'end' }];
    if (scanner.accept('.')) return [consume((character) => this.#dotAll || character !== '\n')];
    if (scanner.accept('[')) return [consume(this.#caseless(readClass(scanner)))];
    if (scanner.accept('\\')) return [consume(this.#caseless(readEscape(scanner)))];
    const character = scanner.read(/[\s\S]/uy);
    if ('*+?{'.includes(character)) scanner.fail('nothing to repeat');
    return [consume(this.#caseless((other) => other === character))];
  }

  #caseless(test: CharacterTest): CharacterTest {
    if (!this.#ignoreCase) return test;
    return (character) => test(character) || test(character.toLowerCase()) || test(character.toUpperCase());
  }

  #repeated(atom: Step[]): Step[] {
    const [least, most] = this.#quantifier();
    // Lazy and possessive marks choose among matches; a whole match is the same for all.
    if (least !== 1 || most !== 1) if (!this.#scanner.accept('?')) this.#scanner.accept('+');
    if (most !== Number.POSITIVE_INFINITY && most < least) this.#scanner.fail('repetition out of order');
    const required = this.#times(atom, least);
    if (most === Number.POSITIVE_INFINITY) {
      return this.#checked([...required, fork(1, atom.length + 2), ...atom, fork(-atom.length - 1)]);
    }
    return this.#checked([...required, ...this.#times([fork(1, atom.length + 1), ...atom], most - least)]);
  }

  #quantifier(): [least: number, most: number] {
    if (this.#scanner.accept('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#scanner.accept('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#scanner.accept('?')) return [0, 1];
    if (!this.#scanner.accept('{')) return [1, 1];
    const least = this.#count();
    let most = least;
    if (this.#scanner.accept(',')) most = this.#scanner.current === '}' ? Number.POSITIVE_INFINITY : this.#count();
    this.#scanner.expect('}');
    return [least, most];
  }

  #count(): number {
    const digits = this.#scanner.read(/\d{1,4}/y);
    if (digits === '') this.#scanner.fail('expected a number');
    return Number(digits);
  }

  #times(atom: Step[], count: number): Step[] {
    if (atom.length * count > MAX_STEPS) this.#scanner.fail('pattern too large');
    return Array.from({ length: count }, () => atom).flat();
  }

  #checked(program: Step[]): Step[] {
    if (program.length > MAX_STEPS) this.#scanner.fail('pattern too large');
    return program;
  }
}

const consume = (test: CharacterTest): Step => ({ kind: 'consume', test });
const fork = (...to: number[]): Step => ({ kind: 'fork', to });

function run(program: readonly Step[], text: string, spend: (cost: number) => void): boolean {
  let active = reachable(program, [0], true, text.length === 0);
  let position = 0;
  for (const character of text) {
    position += character.length;
    spend(1 + active.size);
    const next: number[] = [];
    for (const at of active) {
      const step = program[at];
      if (step?.kind === 'consume' && step.test(character)) next.push(at + 1);
    }
    if (next.length === 0) return false;
    active = reachable(program, next, false, position === text.length);
  }
  return active.has(program.length);
}

/** All positions that can be reached without consuming a character. */
function reachable(program: readonly Step[], from: readonly number[], atStart: boolean, atEnd: boolean): Set<number> {
  const found = new Set<number>();
  const pending = [...from];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    const step = program[at];
    if (step?.kind === 'fork') for (const offset of step.to) pending.push(at + offset);
    if ((step?.kind === 'start' && atStart) || (step?.kind === 'end' && atEnd)) pending.push(at + 1);
  }
  return found;
}
