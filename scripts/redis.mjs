import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, SetupError } from './process.mjs';

/** Package managers and what makes each of them install a redis-server, most specific first. */
const MANAGERS = [
  ['apt-get', ['update', '-q'], ['install', '-y', '-q', '--no-install-recommends', 'redis-server']],
  ['dnf', ['install', '-y', 'redis']],
  ['yum', ['install', '-y', 'redis']],
  ['zypper', ['--non-interactive', 'install', 'redis']],
  ['apk', ['add', 'redis']],
  ['pacman', ['-Sy', '--noconfirm', 'valkey']],
  ['brew', ['install', 'redis']],
];

const SERVERS = ['redis-server', 'valkey-server'];

/** Makes sure that there is a redis-server (or Valkey's) to start; installs one where that is permitted. */
export const ensureRedis = async () => {
  if (SERVERS.some(isOnPath)) return;
  const manager = MANAGERS.find(([name]) => isOnPath(name));
  if (!manager) throw missing('no package manager that Stepyard knows is here either');
  const [name, ...steps] = manager;
  const prefix = permission(name);
  if (!prefix) throw missing(`installing it with ${name} needs root or sudo without a password`);
  console.log(`Installing redis-server with ${name}...`);
  for (const step of steps) {
    const [command, ...args] = [...prefix, name, ...step];
    if ((await run(command, args)) !== 0) throw missing(`${[name, ...step].join(' ')} failed`);
  }
  if (!SERVERS.some(isOnPath)) throw missing(`${name} installed none`);
};

const missing = (reason) =>
  new SetupError(
    `redis-server is not installed, and ${reason}.\n` +
      'Install Redis 6.2 or newer, or Valkey, with your package manager (Debian, Ubuntu: sudo apt-get install redis-server; ' +
      'macOS: brew install redis),\nor set REDIS_URL to a Redis that runs already.',
  );

/** What to put before the command so that it may install: nothing, sudo, or undefined when it may not. */
const permission = (manager) => {
  if (manager === 'brew') return [];
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  if (process.getuid?.() === 0) return quietly;
  const sudo = isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return sudo ? ['sudo', '-n', ...quietly] : undefined;
};

const isOnPath = (command) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
