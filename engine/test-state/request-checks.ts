import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '../../schemas/json.ts';
import { list } from '../asl/scopes.ts';
import { REFUSAL } from './refusal.ts';
import { responseFault } from './response-check.ts';
import type { Mock, MockedWork, StateTest, TestConfiguration } from './state-test.ts';
import type { Subject } from './subject.ts';

/** States whose work can be stood in for. */
const MOCKABLE: ReadonlySet<string> = new Set(['Task', 'Map', 'Parallel']);

/**
 * Whether state, mock and settings go together.
 *
 * @returns the mock, read; undefined when the state does its work
 * @throws TestRefused
 */
export function checkRequest(test: StateTest, subject: Subject): MockedWork | undefined {
  const { mock, configuration, context } = test;
  if (mock === undefined) {
    const member = Object.keys(configuration)[0];
    if (member !== undefined) throw REFUSAL.needsMock(capital(member));
    if (context !== undefined) throw REFUSAL.needsMock('Context');
    checkUnmocked(test, subject);
    return undefined;
  }
  const { type } = subject.node;
  if (!MOCKABLE.has(type)) throw REFUSAL.noMockFor(type);
  if (test.revealSecrets) throw REFUSAL.secretsAndMock();
  const work = readMock(mock);
  if (work.type === 'result') checkResult(work.result, mock, subject);
  checkConfiguration(configuration, subject);
  return work;
}

function checkUnmocked({ roleArn }: StateTest, { node, resource }: Subject): void {
  if (node.type === 'Map' || node.type === 'Parallel') throw REFUSAL.scopesNeedMock();
  if (node.type !== 'Task') return;
  if (resource?.family === 'Activity') throw REFUSAL.activityNeedsMock();
  if (resource?.pattern !== 'requestResponse') throw REFUSAL.patternNeedsMock();
  if (roleArn === undefined) throw REFUSAL.roleRequired();
}

function readMock({ result, errorOutput }: Mock): MockedWork {
  if ((result === undefined) === (errorOutput === undefined)) throw REFUSAL.oneMock();
  if (errorOutput !== undefined) return { type: 'error', error: errorOutput };
  const text = result ?? '';
  try {
    return { type: 'result', result: parseJson(text), text };
  } catch (error) {
    if (error instanceof JsonError) throw REFUSAL.resultNotJson();
    throw error;
  }
}

function checkResult(result: Json, { fieldValidationMode = 'STRICT' }: Mock, { state, resource }: Subject): void {
  if (state.Type === 'Map') checkMapResult(result, Object.hasOwn(state, 'ResultWriter'));
  if (state.Type === 'Parallel') checkBranches(result, list(state, 'Branches').length);
  if (!resource || fieldValidationMode === 'NONE') return;
  const fault = responseFault(resource, result, fieldValidationMode === 'STRICT');
  if (fault !== undefined) throw REFUSAL.response(fault);
}

function checkBranches(result: Json, branches: number): void {
  if (!Array.isArray(result)) throw REFUSAL.resultNotArray();
  if (result.length !== branches) throw REFUSAL.branchCount();
}

/** With a ResultWriter a Map tells only where the results are. */
function checkMapResult(result: Json, written: boolean): void {
  if (written && !isJsonObject(result)) throw REFUSAL.resultNotObject();
  if (!written && !Array.isArray(result)) throw REFUSAL.resultNotArray();
}

function checkConfiguration(configuration: TestConfiguration, { node, inside }: Subject): void {
  const { errorCausedByState, mapIterationFailureCount, mapItemReaderData } = configuration;
  if (node.type !== 'Map') {
    if (mapIterationFailureCount !== undefined) throw REFUSAL.onlyFor('MapIterationFailureCount', 'Map');
    if (mapItemReaderData !== undefined) throw REFUSAL.onlyFor('MapItemReaderData', 'Map');
  }
  if (errorCausedByState === undefined) return;
  if (node.type === 'Task') throw REFUSAL.onlyFor('ErrorCausedByState', 'Map and Parallel');
  if (!inside.includes(errorCausedByState)) throw REFUSAL.causeNotInside(errorCausedByState);
}

/** @throws TestRefused when the text is no JSON object */
export function readVariables(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw REFUSAL.variables();
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
