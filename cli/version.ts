import { readFileSync } from 'node:fs';

/** The version of the package, which is one folder up in the sources and two in dist/. */
export function readVersion(): string {
  const path = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
}
