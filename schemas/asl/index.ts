import type { StateType } from '../definition.ts';
import { choice } from './choice.ts';
import { choiceRule, nestedRule } from './choice-rule.ts';
import { fail } from './fail.ts';
import { branch, machine, processor } from './machine.ts';
import { map } from './map.ts';
import { parallel } from './parallel.ts';
import { pass } from './pass.ts';
import type { Language, Schema } from './schema.ts';
import { succeed } from './succeed.ts';
import { task } from './task.ts';
import { wait } from './wait.ts';

/**
 * The schema of each object of the language that is checked by itself, in each query language. What is inside it and
 * checked by itself too (states of a scope, branches, rules) is just an object there: so neither the depth of
 * a definition nor its size are the validator's concern.
 */
export const objectSchemas = {
  machine: () => machine,
  branch: () => branch,
  processor: () => processor,
  choiceRule,
  nestedRule,
  Task: task,
  Pass: pass,
  Choice: choice,
  Wait: wait,
  Succeed: succeed,
  Fail: fail,
  Parallel: parallel,
  Map: map,
} satisfies { readonly [T in StateType]: ObjectSchema } & { readonly [kind: string]: ObjectSchema };

type ObjectSchema = (language: Language) => Schema;
export type ObjectKind = keyof typeof objectSchemas;
