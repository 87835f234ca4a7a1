import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GetActivityTaskCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { servePage } from '../../examples/human-task/page.ts';
import { type Desk, openDesk, type Question } from '../../examples/human-task/workers.ts';
import { awaitExecution, type Ended, putMachine, readDefinition } from '../../examples/support/machine.ts';
import { linesOf, pathOf } from '../../examples/support/timeline.ts';
import { useSystem } from './support/system.ts';

const EXPENSE = { who: 'Ada', what: 'a <new> "teapot" & cups', cents: 2550, answerWithinSeconds: 600 };
const YES = { approved: true, by: 'a test', comment: 'Fine' };

const system = useSystem();
let machine: string;

beforeAll(async () => {
  const definition = readDefinition(
    new URL('../../examples/human-task/definition.asl.json', import.meta.url),
    undefined,
  );
  // The desk that opens first creates the activity; these tests also start executions before.
  await (await openDesk(system.client, () => {})).stop();
  machine = await putMachine(system.client, 'human-task', definition);
});

/** A desk for one test, and the questions that come to it. */
async function aDesk() {
  const asked = Promise.withResolvers<{ question: Question; closed: AbortSignal }>();
  const desk: Desk = await openDesk(system.client, (question, closed) => asked.resolve({ question, closed }));
  onTestFinished(() => desk.stop());
  return { desk, asked: asked.promise };
}

async function start(input: object = EXPENSE): Promise<{ executionArn: string; ended: Promise<Ended> }> {
  const request = new StartExecutionCommand({ stateMachineArn: machine, input: JSON.stringify(input) });
  const { executionArn = '' } = await system.client.send(request);
  return { executionArn, ended: awaitExecution(system.client, executionArn) };
}

describe('a question', () => {
  test('that is answered with yes is approved', async () => {
    const { desk, asked } = await aDesk();
    const { ended } = await start();
    const { question, closed } = await asked;
    expect(question).toEqual({ who: 'Ada', what: EXPENSE.what, cents: 2550, id: expect.any(String) });
    expect(desk.questions()).toEqual([question]);
    expect(desk.answer(question.id, YES)).toBe(true);
    expect([closed.aborted, desk.questions()]).toEqual([true, []]);
    expect(desk.answer(question.id, YES)).toBe(false);
    const { output, events } = await ended;
    expect(output).toEqual({ ...EXPENSE, answer: YES });
    expect(pathOf(events)).toEqual(['AskPerson', 'Decide', 'Approved']);
  });

  test('that is answered with no fails with the comment', async () => {
    const { desk, asked } = await aDesk();
    const { ended } = await start();
    desk.answer((await asked).question.id, { ...YES, approved: false, comment: 'Not this month' });
    const { error, cause, events } = await ended;
    expect([error, cause]).toEqual(['Rejected', 'Not this month']);
    expect(pathOf(events)).toEqual(['AskPerson', 'Decide', 'Rejected']);
  });

  test('that nobody answers in time is withdrawn and rejected', async () => {
    const { asked } = await aDesk();
    const { ended } = await start({ ...EXPENSE, answerWithinSeconds: 4 });
    const { closed } = await asked;
    const withdrawn = new Promise((resolve) => closed.addEventListener('abort', resolve));
    const { cause, events } = await ended;
    expect(cause).toBe('Nobody answered in time');
    expect(pathOf(events)).toEqual(['AskPerson', 'NobodyAnswered', 'Decide', 'Rejected']);
    await withdrawn;
  });

  test('of an execution that is stopped is withdrawn', async () => {
    const { desk, asked } = await aDesk();
    const { executionArn, ended } = await start();
    const { closed } = await asked;
    const withdrawn = new Promise((resolve) => closed.addEventListener('abort', resolve));
    await system.client.send(new StopExecutionCommand({ executionArn }));
    expect((await ended).status).toBe('ABORTED');
    await withdrawn;
    expect(desk.questions()).toEqual([]);
  });
});

describe('a desk', () => {
  test('that closes leaves its question to the next', async () => {
    const first = await aDesk();
    const { ended } = await start();
    await first.asked;
    await first.desk.stop();
    const second = await aDesk();
    second.desk.answer((await second.asked).question.id, YES);
    const { status, events } = await ended;
    expect(status).toBe('SUCCEEDED');
    expect(linesOf(events).map(({ state, error }) => [state, error])).toEqual([
      ['AskPerson', 'DeskClosed'],
      ['AskPerson', undefined],
      ['Decide', undefined],
      ['Approved', undefined],
    ]);
  });

  test('that dies is noticed by its silence', async () => {
    const { ended } = await start();
    const activityArn = 'arn:aws:states:us-east-1:000000000000:activity:human-approve-expense';
    // Takes the question and is never heard of again.
    const { taskToken } = await system.client.send(new GetActivityTaskCommand({ activityArn }));
    expect(taskToken).toEqual(expect.any(String));
    const { desk, asked } = await aDesk();
    desk.answer((await asked).question.id, YES);
    const { status, events } = await ended;
    expect(status).toBe('SUCCEEDED');
    expect(
      linesOf(events)
        .map(({ state, error }) => [state, error])
        .slice(0, 2),
    ).toEqual([
      ['AskPerson', 'States.Timeout'],
      ['AskPerson', undefined],
    ]);
  });
});

describe('the page', () => {
  async function aPage() {
    const { desk, asked } = await aDesk();
    const { ended } = await start();
    const { question } = await asked;
    const page = await servePage(desk, 0);
    onTestFinished(() => page.close());
    return { page, question, ended };
  }
  const post = (url: string, fields: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

  test('shows what is open, as text and not as markup, and takes the answer', async () => {
    const { page, question, ended } = await aPage();
    const html = await (await fetch(page.url)).text();
    expect(html).toContain('May Ada spend 25.50 EUR on a &#60;new&#62; &#34;teapot&#34; &#38; cups?');
    const { status } = await post(`${page.url}/questions/${question.id}`, { approved: 'no', comment: 'Too much' });
    expect(status).toBe(303);
    expect(await ended).toMatchObject({ status: 'FAILED', cause: 'Too much' });
    expect(await (await fetch(page.url)).text()).toContain('No open questions');
    expect((await post(`${page.url}/questions/${question.id}`, { approved: 'yes' })).status).toBe(410);
  });

  test('refuses what is no answer', async () => {
    const { page, question, ended } = await aPage();
    expect((await fetch(`${page.url}/elsewhere`)).status).toBe(404);
    expect((await post(`${page.url}/questions/unknown`, { approved: 'yes' })).status).toBe(410);
    const long = { approved: 'yes', comment: 'x'.repeat(10_001) };
    expect((await post(`${page.url}/questions/${question.id}`, long)).status).toBe(500);
    await post(`${page.url}/questions/${question.id}`, { approved: 'yes' });
    expect(await ended).toMatchObject({ output: { answer: { approved: true, by: 'page', comment: 'Fine' } } });
  });

  test('answers the command line', async () => {
    const { page, question, ended } = await aPage();
    const answer = async (...args: string[]): Promise<string> => {
      const file = fileURLToPath(new URL('../../examples/human-task/answer.ts', import.meta.url));
      const env = { ...process.env, ANSWER_URL: page.url };
      return (await promisify(execFile)(process.execPath, [file, ...args], { env })).stdout.trim();
    };
    expect(await answer()).toBe(`${question.id}  May Ada spend 25.50 EUR on a <new> "teapot" & cups?`);
    expect(await answer(question.id, 'yes', 'Well', 'earned')).toBe('Answered');
    expect(await ended).toMatchObject({
      output: { answer: { approved: true, by: 'command line', comment: 'Well earned' } },
    });
    expect(await answer()).toBe('No open questions');
    await expect(answer(question.id, 'yes')).rejects.toMatchObject({ code: 1 });
    await expect(answer(question.id, 'maybe')).rejects.toMatchObject({ code: 1 });
  });
});
