import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * The key that a deployment with a private Redis encrypts with: drawn once, and kept beside Redis's data for its owner alone.
 *
 * @throws StartError when it cannot be read or written
 */
export function secretKeyOf(dataDir: string): string {
  const path = join(dataDir, 'secret.key');
  try {
    return readOrDraw(path);
  } catch (error) {
    throw new StartError(`The secret key ${path} cannot be used: ${(error as Error).message}`);
  }
}

function readOrDraw(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = readFileSync(path, 'utf8').trim();
  // Of a file that was not written to its end, another one would be no worse.
  if (key.length < 32) throw new Error('it has fewer than 32 characters; remove it to have another one made');
  return key;
}
