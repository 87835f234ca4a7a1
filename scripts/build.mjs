import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { root, run, SetupError } from './process.mjs';

const FOLDERS = ['api', 'cli', 'engine', 'schemas', 'worker'];
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
/** What the compiler leaves behind but the program reads. */
const ASSETS = ['.lua', '.json'];
const dist = join(root, 'dist');
const stamp = join(dist, '.stamp');

/** Compiles into dist/, unless it is made from exactly the sources that are here. */
export const ensureBuild = async ({ always = false } = {}) => {
  const sources = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap(filesOf);
  const state = fingerprint([...sources, ...SETTINGS]);
  if (!always && readStamp() === state) return;
  console.log('Building...');
  // Aside first: a build that fails, or is cut off, leaves the last good one alone.
  const fresh = `dist-${process.pid}`;
  try {
    const code = await run('tsc', ['-p', 'tsconfig.build.json', '--outDir', fresh]);
    if (code !== 0) throw new SetupError('The build failed: the compiler says why above.');
    for (const file of sources.filter((source) => ASSETS.includes(extname(source)))) copy(file, fresh);
    writeFileSync(join(root, fresh, '.stamp'), state);
    rmSync(dist, { recursive: true, force: true });
    renameSync(join(root, fresh), dist);
  } finally {
    rmSync(join(root, fresh), { recursive: true, force: true });
  }
};

const filesOf = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort();

const fingerprint = (files) => {
  const hash = createHash('sha256');
  for (const file of files) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
};

const readStamp = () => (existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined);

const copy = (file, to) => {
  const target = join(root, to, file);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, file), target);
};
