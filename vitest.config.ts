import { defineConfig } from 'vitest/config';

// Groups run one after the other: fault tests kill processes under load and would make timings of the others lie.
const project = (name: string, include: string[], exclude: string[], testTimeout: number, order: number) => ({
  test: {
    name,
    include,
    exclude,
    testTimeout,
    hookTimeout: Math.max(testTimeout, 30_000),
    sequence: { groupOrder: order },
  },
});

const redis = ['api', 'cli', 'contracts', 'examples', 'runtime', 'support', 'worker'].map(
  (area) => `test/${area}/**/*.test.ts`,
);
const faults = ['test/faults/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/**/*.test.ts'], [...redis, ...faults], 20_000, 0),
      project('redis', redis, [], 30_000, 1),
      project('faults', faults, [], 300_000, 2),
    ],
  },
});
