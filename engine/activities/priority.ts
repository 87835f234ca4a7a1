import { PRIORITIES } from '../../schemas/activity.ts';
import type { Json } from '../../schemas/json.ts';
import type { PendingTask } from '../../schemas/task.ts';
import { parsePath } from '../query/jsonpath/path-parser.ts';
import { type Reader, readerOf, referenceSteps } from '../query/jsonpath/reference-path.ts';
import { SyntaxFault } from '../query/jsonpath/scanner.ts';

/** Compiled paths kept at a time. */
const MAX_PATHS = 1000;

/** Reads what is at a reference path of a task's input; undefined when the text is no such path. */
export function compilePriorityPath(source: string): Reader | undefined {
  try {
    const { root, segments } = parsePath(source);
    const steps = referenceSteps(segments);
    return root.kind === 'input' && steps ? readerOf(steps) : undefined;
  } catch (error) {
    if (error instanceof SyntaxFault) return undefined;
    throw error;
  }
}

/**
 * Tells the place of tasks in their queue: the lower the number the sooner.
 *
 * @param pathOf the path to the priority in the inputs of an activity's tasks; undefined when they are served in their order
 */
export function createPriorities(pathOf: (activityArn: string) => string | undefined) {
  const readers = new Map<string, Reader | undefined>();
  const readerAt = (path: string): Reader | undefined => {
    if (!readers.has(path)) {
      if (readers.size >= MAX_PATHS) readers.clear();
      readers.set(path, compilePriorityPath(path));
    }
    return readers.get(path);
  };
  return ({ resource, input }: PendingTask): number | undefined => {
    const path = pathOf(resource);
    if (path === undefined) return undefined;
    const value = readerAt(path)?.(JSON.parse(input) as Json);
    return isPriority(value) ? value : PRIORITIES.none;
  };
}

const isPriority = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= PRIORITIES.first && value <= PRIORITIES.last;
