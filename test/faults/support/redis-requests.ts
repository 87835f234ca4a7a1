/** Cuts what a Redis client sends into commands: arrays of texts with their lengths. */
export class RedisRequests {
  #rest = Buffer.alloc(0);

  /** The commands that are complete now: their words, and their bytes to be sent on. */
  *push(chunk: Buffer): Generator<{ readonly words: readonly string[]; readonly bytes: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const command = readCommand(this.#rest);
      if (!command) return;
      const bytes = this.#rest.subarray(0, command.end);
      this.#rest = this.#rest.subarray(command.end);
      yield { words: command.words, bytes };
    }
  }
}

function readCommand(from: Buffer): { words: string[]; end: number } | undefined {
  const count = readNumber(from, 0);
  if (!count) return undefined;
  const words: string[] = [];
  let at = count.end;
  while (words.length < count.value) {
    const length = readNumber(from, at);
    if (!length || length.end + length.value + 2 > from.length) return undefined;
    words.push(from.toString('latin1', length.end, length.end + length.value));
    at = length.end + length.value + 2;
  }
  return { words, end: at };
}

/** Reads `*3\r\n` or `$12\r\n`. */
function readNumber(from: Buffer, at: number): { value: number; end: number } | undefined {
  const end = from.indexOf('\r\n', at);
  return end === -1 ? undefined : { value: Number(from.toString('latin1', at + 1, end)), end: end + 2 };
}
