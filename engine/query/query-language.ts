import type { Json, JsonObject } from '../../schemas/json.ts';
import type { Place } from './place.ts';

/** JSONata settles on microtasks, JSONPath at once: callers await either. */
export type Eventually<T> = T | Promise<T>;

/** Variables in sight of a state, by name without the `$`. */
export type Variables = Readonly<JsonObject>;

/** Randomness as data: the same seed and visit give the same numbers, so a recorded run replays. */
export interface Chance {
  /** Uniform in [0, 1). */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** What an expression can see. */
export interface Scope {
  /** `$`: the state's effective input, or what the field at hand works on. */
  readonly input: Json;
  /** `$$`: the context object. May be computed when first read. */
  readonly context: JsonObject;
  readonly variables: Variables;
  readonly chance: Chance;
}

/** A compiled expression. Throws StatesError; the interpreter adds the state's name to the cause. */
export type Expression = (scope: Scope) => Eventually<Json>;

/** A field that holds a literal or computes its value (TimeoutSeconds and TimeoutSecondsPath, Error and ErrorPath, ...). */
export interface Field {
  /** The member's name as written, e.g. `SecondsPath`. */
  readonly name: string;
  /** The path or expression as written; undefined when the value is a literal. */
  readonly source: string | undefined;
  readonly evaluate: Expression;
}

/**
 * The data's way through one state.
 * JSONPath: InputPath, Parameters, ResultSelector, ResultPath, OutputPath. JSONata: Arguments, Output.
 */
export interface DataFlow {
  /** From the state's input (as `scope.input`) to what the state works on: InputPath. */
  readonly input: Expression;
  /** From the effective input (as `scope.input`) to what the work gets: Parameters or Arguments. */
  readonly arguments: Expression;
  /** From the state's input (as `scope.input`) and the work's result to the state's output. */
  output(scope: Scope, result: Json): Eventually<Json>;
}

/** One query language: compiles the fields of states. Faults are reported to the place; the result is then never run. */
export interface QueryLanguage {
  readonly name: 'JSONPath' | 'JSONata';
  /** The data-flow fields of a state. `state` holds all its members. */
  dataFlow(state: JsonObject, at: Place): DataFlow;
  /** The output of a Catch: from the state's input (`scope.input`) and the error output, under its ResultPath or Output. */
  catchOutput(catcher: JsonObject, at: Place): DataFlow['output'];
  /** `Assign`: names to new values. `scope.input` is the result or input that it reads. Undefined when the object has none. */
  assign(owner: JsonObject, at: Place): ((scope: Scope) => Eventually<Variables>) | undefined;
  /** The field `name`, written as a literal or computed (`namePath` in JSONPath). Undefined when absent. */
  field(owner: JsonObject, name: string, at: Place): Field | undefined;
  /** A template whose leaves may be computed: ItemSelector, BatchInput. `owner[name]` must be present. */
  template(owner: JsonObject, name: string, at: Place): Expression;
  /** The items of a Map: ItemsPath (default `$`) or Items. `scope.input` is the effective input. */
  items(state: JsonObject, at: Place): Field;
  /** Whether a rule of a Choice state holds. */
  condition(rule: JsonObject, at: Place): (scope: Scope) => Eventually<boolean>;
}
