import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
/** In the repository, so that the program finds the packages there; nothing that is kept. */
const UNPACKED = new URL('../../../test-results/', import.meta.url);

/** An earlier version as a program (`test/fixtures/README.md`). */
export interface EarlierVersion {
  /** What to run. */
  readonly script: URL;
  remove(): void;
}

export function unpackVersion(version: string): EarlierVersion {
  mkdirSync(UNPACKED, { recursive: true });
  const folder = mkdtempSync(join(fileURLToPath(UNPACKED), `stepyard-${version}-`));
  const packed = fileURLToPath(new URL(`stepyard-${version}.tar.gz`, FIXTURES));
  const { status, stderr } = spawnSync('tar', ['-xzf', packed, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${packed} cannot be unpacked: ${stderr}`);
  return {
    script: pathToFileURL(join(folder, 'dist/cli/main.js')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
