import type { Inspection } from '../engine/index.ts';
import type { Json } from '../schemas/json.ts';

/** Values as TestState tells them: as JSON texts, but for what counts something. The input is told as it was sent. */
export function inspectionData(input: string, { values, errorDetails }: Inspection) {
  const told = Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, string | number] => [
      name,
      isCount(name, value) ? value : text(value),
    ]),
  );
  return { input, ...told, errorDetails };
}

const COUNTS: ReadonlySet<string> = new Set(['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage']);

const isCount = (name: string, value: Json): value is number => COUNTS.has(name) && typeof value === 'number';

const text = (value: Json): string => JSON.stringify(value);
