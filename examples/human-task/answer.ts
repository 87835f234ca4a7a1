import { euros } from './page.ts';
import type { Question } from './workers.ts';

/**
 * The desk on the command line, from another terminal than the example's:
 *
 *   node examples/human-task/answer.ts                     lists the open questions
 *   node examples/human-task/answer.ts <id> yes [comment]  answers one (or: no)
 *
 * The example says where its desk is; ANSWER_URL is for when that is not http://127.0.0.1:8090.
 */

const desk = process.env['ANSWER_URL'] ?? 'http://127.0.0.1:8090';
const [id, approved, ...words] = process.argv.slice(2);
await (id === undefined ? list() : answer(id));

async function list(): Promise<void> {
  const response = await fetch(`${desk}/questions`);
  const questions: readonly Question[] = JSON.parse(await response.text());
  if (questions.length === 0) console.log('No open questions');
  for (const { id, who, what, cents } of questions) console.log(`${id}  May ${who} spend ${euros(cents)} on ${what}?`);
}

async function answer(question: string): Promise<void> {
  if (approved !== 'yes' && approved !== 'no') throw new Error('Usage: answer.ts [<id> yes|no [comment]]');
  const body = new URLSearchParams({ approved, by: 'command line', comment: words.join(' ') });
  const response = await fetch(`${desk}/questions/${question}`, { method: 'POST', body, redirect: 'manual' });
  console.log(response.status === 303 ? 'Answered' : await response.text());
  process.exitCode = response.status === 303 ? 0 : 1;
}
