#!/usr/bin/env node
// The `stepyard` command. Nothing of it is imported before it is known that this Node can load it.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/** As `engines` in package.json. */
const OLDEST = { major: 22, minor: 12 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) {
  // Compiling takes a third of a start. Beside the code: whoever could write there could change the code as well.
  module.enableCompileCache(fileURLToPath(new URL('../.compile-cache', import.meta.url)));
  const { runProgram } = await import('./program.ts');
  await runProgram();
} else {
  console.error(
    `Stepyard needs Node ${OLDEST.major}.${OLDEST.minor} or newer, and this is ${process.versions.node} (${process.execPath}).`,
  );
  process.exitCode = 1;
}
