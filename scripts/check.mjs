import { capture } from './process.mjs';

/** What holds of the code without running it. Slowest first, since they run at the same time. */
const CHECKS = [
  ['import directions', 'depcruise', ['--config', '.dependency-cruiser.cjs', '.']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['unused code', 'knip', []],
  ['format and lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['copied code', 'jscpd', ['.']],
];

/** Runs every check and resolves to how many failed. */
export const check = async () => {
  const failures = await Promise.all(
    CHECKS.map(async ([name, command, args]) => {
      const started = Date.now();
      const { code, output } = await capture(command, args);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(
        code === 0 ? `ok      ${name} (${seconds} s)` : `${output.trimEnd()}\nFAILED  ${name} (${seconds} s)`,
      );
      return code === 0 ? 0 : 1;
    }),
  );
  return failures.reduce((sum, failed) => sum + failed, 0);
};
