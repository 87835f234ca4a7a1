import { createInterface } from 'node:readline/promises';
import { createClient } from '../support/client.ts';
import { putMachine, readDefinition, runExecution } from '../support/machine.ts';
import { runExample } from '../support/run-example.ts';
import { printTimeline } from '../support/timeline.ts';
import { euros, servePage } from './page.ts';
import { openDesk, type Question } from './workers.ts';

/**
 * `npm run example:human` asks on the terminal, on a web page and on the command line: the first answer counts.
 * `npm run example:human -- yes` (or `no`) has the example answer itself.
 */

const EXPENSE = { who: 'Ada', what: 'a new teapot', cents: 2500, answerWithinSeconds: 600 };
let asking = Promise.resolve();
const PORT = Number(process.env['ANSWER_PORT'] ?? 8090);

await runExample(async (endpoint, onExit) => {
  const client = createClient(endpoint);
  onExit(async () => client.destroy());
  const desk = await openDesk(client, (question, closed) => {
    // One after the other: there is one terminal.
    asking = asking.then(() => ask(question, closed)).catch(console.error);
  });
  onExit(desk.stop);
  const page = await servePage(desk, PORT);
  onExit(page.close);
  console.log(`Answer here, at ${page.url}, or with node examples/human-task/answer.ts`);
  const definition = readDefinition(new URL('./definition.asl.json', import.meta.url), desk.activityArn);
  const machine = await putMachine(client, 'human-task', definition);
  printTimeline('an expense', await runExecution(client, machine, EXPENSE));
  return 0;

  async function ask({ id, who, what, cents }: Question, closed: AbortSignal): Promise<void> {
    const text = `May ${who} spend ${euros(cents)} on ${what}?`;
    const given = process.argv[2] ?? (await askTerminal(text, closed));
    if (given === undefined) return;
    const approved = /^y/i.test(given.trim());
    desk.answer(id, { approved, by: 'terminal', comment: approved ? 'Fine' : 'Not this month' });
  }
});

/** Undefined when nobody sits there, or the question was answered elsewhere. */
async function askTerminal(text: string, closed: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY) {
    console.log(text);
    return undefined;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(`${text} (yes/no) `, { signal: closed });
  } catch (error) {
    if (!closed.aborted) throw error;
    return undefined;
  } finally {
    terminal.close();
  }
}
