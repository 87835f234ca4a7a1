import { ERROR, type ErrorOutput, type EvaluationError } from '../../schemas/errors.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../schemas/json.ts';
import { inside, item, type Place } from '../query/place.ts';
import type { Chance, QueryLanguage } from '../query/query-language.ts';
import type { Leaving } from './leaving.ts';

/** Retry and Catch (ASL "Errors"): which rule answers an error, and when the next attempt is. */

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly leaving: Leaving;
}

/** An error on its way up. */
export interface Failure extends ErrorOutput {
  /** A missed heartbeat: matched as States.HeartbeatTimeout too. */
  readonly heartbeat?: boolean;
  /** An expression of the state is to blame. */
  readonly evaluation?: Pick<EvaluationError, 'location' | 'underWay'>;
}

/** The Retry and Catch rules of a state. Absent ones are empty lists. */
export function compileRules(
  state: JsonObject,
  query: QueryLanguage,
  at: Place,
): { retriers: Retrier[]; catchers: Catcher[] } {
  return {
    retriers: objects(state, 'Retry').map(compileRetrier),
    catchers: objects(state, 'Catch').map((rule, index) => {
      const ruleAt = item(inside(at, 'Catch'), index);
      return {
        errorEquals: strings(rule, 'ErrorEquals'),
        next: String(member(rule, 'Next') ?? ''),
        leaving: { output: query.catchOutput(rule, ruleAt), assign: query.assign(rule, ruleAt, 'catcher', state) },
      };
    }),
  };
}

function compileRetrier(rule: JsonObject): Retrier {
  const number = (name: string, fallback: number): number => {
    const value = member(rule, name);
    return typeof value === 'number' ? value : fallback;
  };
  return {
    errorEquals: strings(rule, 'ErrorEquals'),
    intervalSeconds: number('IntervalSeconds', 1),
    maxAttempts: number('MaxAttempts', 3),
    backoffRate: number('BackoffRate', 2),
    maxDelaySeconds: number('MaxDelaySeconds', Number.POSITIVE_INFINITY),
    fullJitter: member(rule, 'JitterStrategy') === 'FULL',
  };
}

/**
 * Whether an ErrorEquals list names a failure. States.ALL stands for every error and States.TaskFailed for every error but
 * timeouts; States.Runtime is never retried or caught.
 */
export function matches(errorEquals: readonly string[], failure: Failure): boolean {
  if (failure.error === ERROR.runtime) return false;
  return errorEquals.some((name) => {
    if (name === ERROR.all || name === failure.error) return true;
    if (name === ERROR.taskFailed) return failure.error !== ERROR.timeout;
    return name === ERROR.heartbeatTimeout && failure.heartbeat === true;
  });
}

/**
 * The retrier that answers a failure and has attempts left. Only the first that matches counts: when its attempts are used up, the
 * failure goes on to Catch.
 *
 * @param used how often each retrier was used in this stay, by index
 */
export function retrierFor(
  retriers: readonly Retrier[],
  failure: Failure,
  used: readonly number[],
): number | undefined {
  const index = retriers.findIndex(({ errorEquals }) => matches(errorEquals, failure));
  const retrier = retriers[index];
  return retrier && (used[index] ?? 0) < retrier.maxAttempts ? index : undefined;
}

/** Milliseconds until the next attempt. FULL jitter is drawn below the delay after its cap. */
export function retryDelayMs(retrier: Retrier, attemptsUsed: number, chance: Chance): number {
  const seconds = Math.min(retrier.intervalSeconds * retrier.backoffRate ** attemptsUsed, retrier.maxDelaySeconds);
  return Math.round(seconds * 1000 * (retrier.fullJitter ? chance.random() : 1));
}

/** What a Catch hands on as the error. */
export function errorOutput({ error, cause }: Failure): JsonObject {
  return { Error: error ?? '', Cause: cause ?? '' };
}

const objects = (state: JsonObject, name: string): JsonObject[] => list(state, name).filter(isJsonObject);

const strings = (rule: JsonObject, name: string): string[] =>
  list(rule, name).filter((value): value is string => typeof value === 'string');

function list(object: JsonObject, name: string): Json[] {
  const value = member(object, name);
  return Array.isArray(value) ? value : [];
}
