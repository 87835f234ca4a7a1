import type { ObjectWriter } from '../data-sets/index.ts';
import { type ArchivedData, type ArchivedSummary, type ArchiveIndex, FORMAT } from './archived-execution.ts';
import { member, trailer } from './members.ts';

/** A block of the history is compressed by itself: a page is read without what is before it. */
const BLOCK_CHARACTERS = 256 * 1024;

/**
 * Writes an execution, of whose history it holds a block and a page at a time. The same execution again gives the same bytes.
 *
 * @param history pages of events as JSON texts, in order
 */
export async function writeExecution(
  to: Pick<ObjectWriter, 'write'>,
  summary: Omit<ArchivedSummary, 'format'>,
  data: ArchivedData,
  history: AsyncIterable<readonly string[]>,
): Promise<void> {
  let at = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    await to.write(bytes);
    at += bytes.length;
  };
  await write(await member([JSON.stringify({ format: FORMAT, ...summary })]));
  await write(await member([JSON.stringify(data)]));
  const historyAt = at;
  const blocks: [number, number][] = [];
  let written = 0;
  for await (const block of inBlocks(history)) {
    blocks.push([at, written]);
    await write(await member(block));
    written += block.length;
  }
  if (written !== summary.events) throw new Error(`The history has ${written} events, not ${summary.events}`);
  const indexAt = at;
  const index: ArchiveIndex = { historyAt, blocks };
  await write(await member([JSON.stringify(index)]));
  await write(trailer(indexAt));
}

async function* inBlocks(pages: AsyncIterable<readonly string[]>): AsyncGenerator<string[]> {
  let block: string[] = [];
  let characters = 0;
  for await (const page of pages) {
    for (const event of page) {
      block.push(event);
      characters += event.length;
      if (characters < BLOCK_CHARACTERS) continue;
      yield block;
      block = [];
      characters = 0;
    }
  }
  if (block.length > 0) yield block;
}
