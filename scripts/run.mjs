// Every npm script of this project begins here: sets up what is missing, then does the task. Plain JavaScript without
// dependencies, since it must run before there are any, and on a Node that is too old for the rest (20).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './build.mjs';
import { check } from './check.mjs';
import { ensureDependencies, findNode } from './dependencies.mjs';
import { root, run, SetupError } from './process.mjs';
import { ensureRedis } from './redis.mjs';

const RESULTS = 'test-results/vitest.json';

// Thousands of polls that wait hold little; V8 would let its young heap grow to several times that before it looks.
const SMALL_YOUNG_HEAP = '--max-semi-space-size=16';

const start = async (args) => {
  const ownRedis = !process.env.REDIS_URL && !args.some((arg) => arg.startsWith('--redis-url'));
  if (ownRedis) await ensureRedis();
  await ensureBuild();
  return run(findNode(), [SMALL_YOUNG_HEAP, 'dist/cli/main.js', 'server', ...args]);
};

/** A command that reads files: their names are relative to where the user is, which npm leaves for the project's folder. */
const command = (name) => async (args) => {
  await ensureBuild();
  return run(findNode(), [join(root, 'dist/cli/main.js'), name, ...args], process.env.INIT_CWD);
};

const test = async (args) => {
  const failedChecks = await check();
  const failedTests = await vitest(args.length > 0 ? args : ['--coverage']);
  if (failedChecks > 0) console.error(`\n${failedChecks} static check(s) failed: see above, before the tests.`);
  return failedChecks > 0 ? 1 : failedTests;
};

const vitest = async (args) => {
  await ensureRedis();
  await ensureBuild();
  mkdirSync(join(root, 'test-results'), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`];
  return run(findNode(), ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args]);
};

const runFile = async (file, args) => {
  await ensureRedis();
  await ensureBuild();
  return run(findNode(), [file, ...args]);
};

const TASKS = {
  start,
  explore: command('explore'),
  explain: command('explain'),
  doctor: command('doctor'),
  keys: command('keys'),
  redrive: command('redrive'),
  webhooks: command('webhooks'),
  test,
  vitest,
  check: async () => ((await check()) > 0 ? 1 : 0),
  build: async () => {
    await ensureBuild({ always: true });
    return 0;
  },
  generate: () => run(findNode(), ['scripts/generate.ts']),
  bench: (args) => runFile('bench/main.ts', args),
  example: ([name, ...args]) => runFile(`examples/${name}/main.ts`, args),
};

const [name, ...args] = process.argv.slice(2);
try {
  const task = TASKS[name];
  if (!task) throw new SetupError(`Usage: node scripts/run.mjs ${Object.keys(TASKS).join('|')}`);
  await ensureDependencies();
  process.exitCode = await task(args);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
