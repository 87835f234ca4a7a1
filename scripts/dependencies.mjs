import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, SetupError } from './process.mjs';

const MINIMUM_NODE = 22;
const pinned = join(root, 'node_modules/node/bin/node');

/**
 * `npm ci` refuses a lock file that lacks packages for other platforms, as npm writes it behind a registry which has not
 * all of them; `npm install` takes the versions of such a lock file, too.
 */
const INSTALLERS = [
  ['ci', '--loglevel=silent'],
  ['install', '--no-save', '--loglevel=error'],
];

/** Installs what the lock file names, unless exactly that is installed already. */
export const ensureDependencies = async () => {
  if (isInstalled()) return;
  console.log('Installing dependencies...');
  for (const installer of INSTALLERS) {
    // NODE_ENV=production would leave out the compiler and the pinned Node.
    if ((await run('npm', [...installer, '--include=dev', '--no-audit', '--no-fund'])) === 0) return;
  }
  throw new SetupError('The dependencies could not be installed: npm says why above.');
};

/** By content, not by time: `npm install`, `git checkout` and copying a folder all disturb the times. */
const isInstalled = () => {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    return installed[path] ? installed[path].version === version : optional === true;
  });
};

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/** The Node to run the project on: the pinned one, or this one where that has no build (Alpine) and this one will do. */
export const findNode = () => {
  if (spawnSync(pinned, ['--version']).status === 0) return pinned;
  // A binary that cannot run here must not stand before the system's Node in every later npm script.
  rmSync(join(root, 'node_modules/.bin/node'), { force: true });
  if (Number.parseInt(process.versions.node, 10) >= MINIMUM_NODE) return process.execPath;
  throw new SetupError(
    `Stepyard needs Node ${MINIMUM_NODE} or newer; this is ${process.version}, and the one in node_modules/node does not run. ` +
      'Install a newer Node, or allow install scripts (npm config set ignore-scripts false) and remove node_modules.',
  );
};
