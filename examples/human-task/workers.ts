import { randomUUID } from 'node:crypto';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { type Handler, startWorker, TaskError } from '../support/worker.ts';

/**
 * A desk where questions wait for a person. To the state machine it is an activity worker like any other; what takes it so
 * long is no computation but somebody at lunch.
 *
 * While a question is open, the desk sends heartbeats: they say that the desk is there, not that the person has answered. So a
 * desk that dies is noticed within seconds, and another one asks again, whereas the person has until TimeoutSeconds.
 */

export interface Expense {
  readonly who: string;
  readonly what: string;
  readonly cents: number;
}

export interface Question extends Expense {
  /** Not to be guessed: who has it may answer. */
  readonly id: string;
}

export interface Answer {
  readonly approved: boolean;
  readonly by: string;
  readonly comment: string;
}

export interface Desk {
  readonly activityArn: string;
  /** What is open now, oldest first. */
  questions(): Question[];
  /** @returns false when that question is not open, or no more */
  answer(id: string, answer: Answer): boolean;
  /** Closes the desk. Its open questions go back to be asked at another. */
  stop(): Promise<void>;
}

/** Questions that one desk keeps open at a time. */
const OPEN_AT_ONCE = 20;

/**
 * Opens a desk: it takes questions as they come.
 *
 * @param onQuestion told of every question, with a signal of when it is not open any more
 */
export async function openDesk(
  client: SFNClient,
  onQuestion: (question: Question, closed: AbortSignal) => void,
): Promise<Desk> {
  const open = new Map<string, { readonly question: Question; settle(answer: Answer | TaskError): void }>();

  const ask: Handler<Expense> = ({ who, what, cents }, { signal }) =>
    new Promise<Answer>((resolve, reject) => {
      const question = { who, what, cents, id: randomUUID() };
      const closed = new AbortController();
      const settle = (answer: Answer | TaskError): void => {
        open.delete(question.id);
        closed.abort();
        if (answer instanceof TaskError) reject(answer);
        else resolve(answer);
      };
      // The time is over, or the execution was stopped: there is nobody left to be told.
      signal.addEventListener('abort', () => settle(new TaskError('QuestionWithdrawn', 'too late')), { once: true });
      open.set(question.id, { question, settle });
      onQuestion(question, closed.signal);
    });

  const activity = 'human-approve-expense';
  const worker = await startWorker({ client, activity, handler: ask, name: 'desk', concurrency: OPEN_AT_ONCE });
  return {
    activityArn: worker.activityArn,
    questions: () => [...open.values()].map(({ question }) => question),
    answer(id, answer) {
      const found = open.get(id);
      found?.settle(answer);
      return found !== undefined;
    },
    async stop() {
      const stopped = worker.stop();
      for (const { settle } of open.values())
        settle(new TaskError('DeskClosed', 'the desk closed before the person answered'));
      await stopped;
    },
  };
}
