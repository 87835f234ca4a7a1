import { type Json, type JsonObject, setMember } from '../../schemas/json.ts';
import type { QueryLanguages } from '../query/index.ts';
import type { Place } from '../query/place.ts';
import type { DataFlow, QueryLanguage } from '../query/query-language.ts';

/** Keeps the values that the data flow of a state goes through, under the names that TestState has for them. */
export class Observed {
  readonly #values: JsonObject = {};

  note<V extends Json>(name: string, value: V): V {
    setMember(this.#values, name, value);
    return value;
  }

  get values(): Readonly<JsonObject> {
    return this.#values;
  }
}

/** The query languages, telling what they compute. Nothing else about them changes, so machines that run are not slower. */
export const observing = (languages: QueryLanguages, observed: Observed): QueryLanguages => ({
  JSONPath: watched(languages.JSONPath, 'afterParameters', observed),
  JSONata: watched(languages.JSONata, 'afterArguments', observed),
});

function watched(language: QueryLanguage, afterArguments: string, observed: Observed): QueryLanguage {
  return {
    ...language,
    dataFlow(state, at): DataFlow {
      const flow = language.dataFlow(state, at);
      const { OutputPath: _, ...unfiltered } = state;
      // What ResultPath made is seen by a flow that ends there.
      const beforeOutputPath = language.dataFlow(unfiltered, silent(at));
      return {
        input: async (scope) => observed.note('afterInputPath', await flow.input(scope)),
        arguments: async (scope) => observed.note(afterArguments, await flow.arguments(scope)),
        result: async (scope, given) => observed.note('afterResultSelector', await flow.result(scope, given)),
        output: async (scope, given) => {
          if (language.name === 'JSONPath') {
            observed.note('afterResultPath', await beforeOutputPath.output(scope, given));
          }
          return flow.output(scope, given);
        },
      };
    },
  };
}

/** The same place, where nothing is reported: it has been, by who compiled the state to run it. */
export const silent = (at: Place): Place => ({ ...at, report: () => undefined });
