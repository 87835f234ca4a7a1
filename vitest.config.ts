import { defineConfig, type Plugin } from 'vitest/config';

// Being measured slows code down: only the tests that have to reach every line of the language are.
const unmeasured: Plugin = {
  name: 'unmeasured',
  configureVitest: ({ project }) => {
    project.config.coverage = { ...project.config.coverage, enabled: false };
  },
};

// Groups run one after the other: fault tests kill processes under load and would make timings of the others lie.
const project = (name: string, include: string[], exclude: string[], testTimeout: number, order: number) => ({
  plugins: name === 'unit' ? [] : [unmeasured],
  test: {
    name,
    include,
    exclude,
    testTimeout,
    hookTimeout: Math.max(testTimeout, 30_000),
    sequence: { groupOrder: order },
  },
});

// What takes long, or looks at how long something takes.
const heavy = ['test/simulation/**/*.test.ts', 'test/language/{jsonata-guard,path-costs,untrusted-input}.test.ts'];
const redis = ['api', 'cli', 'contracts', 'examples', 'runtime', 'support', 'tour', 'worker'].map(
  (area) => `test/${area}/**/*.test.ts`,
);
const faults = ['test/faults/**/*.test.ts'];

const language = ['engine/query/**', 'engine/asl/**', 'engine/interpreter/**', 'engine/explore/**'];

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: language,
      reporter: [['text', { skipFull: true }]],
      thresholds: Object.fromEntries(language.map((files) => [files, { lines: 100 }])),
    },
    projects: [
      project('unit', ['test/**/*.test.ts'], [...heavy, ...redis, ...faults], 20_000, 0),
      project('heavy', heavy, [], 20_000, 0),
      project('redis', redis, [], 30_000, 1),
      project('faults', faults, [], 300_000, 2),
    ],
  },
});
