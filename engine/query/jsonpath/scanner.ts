/** A text that is not in the language: a path, filter or function call that does not parse. */
export class SyntaxFault extends Error {}

/** A cursor over a text. All parsers of this folder read through it; none looks back. */
export class Scanner {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The character under the cursor, or the empty text at the end. */
  get current(): string {
    return this.text.charAt(this.position);
  }

  get ended(): boolean {
    return this.position >= this.text.length;
  }

  startsWith(expected: string): boolean {
    return this.text.startsWith(expected, this.position);
  }

  /** Moves past `expected` when it is next. */
  accept(expected: string): boolean {
    if (!this.startsWith(expected)) return false;
    this.position += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.accept(expected)) this.fail(`expected '${expected}'`);
  }

  skipBlanks(): void {
    while (this.current === ' ' || this.current === '\t' || this.current === '\n' || this.current === '\r') {
      this.position += 1;
    }
  }

  /** Reads what a sticky expression matches here; the empty text when it does not. */
  read(sticky: RegExp): string {
    sticky.lastIndex = this.position;
    const found = sticky.exec(this.text)?.[0] ?? '';
    this.position += found.length;
    return found;
  }

  /** @throws SyntaxFault always. */
  fail(reason: string): never {
    throw new SyntaxFault(`${reason} at position ${this.position}`);
  }
}
