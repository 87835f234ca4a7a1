import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { type Check, failed, ok, reasonOf, warning } from '../../engine/observability/health/check.ts';
import type { Config } from '../../schemas/config.ts';
import { findRedisServer } from '../redis-server.ts';

/** What Stepyard needs of the machine that it is to run on. */
export function checkMachine(config: Config): readonly Check[] {
  const node = ok('node', `Node ${process.versions.node} can run this.`);
  return config.redisUrl === undefined ? [node, checkRedisServer(), checkDataFolder(config.dataDir)] : [node];
}

function checkRedisServer(): Check {
  const name = 'redis-server';
  try {
    return ok(name, `${findRedisServer()} is there for the private Redis.`);
  } catch (error) {
    return failed(name, `${reasonOf(error)}.`);
  }
}

const GIB = 1_073_741_824;
/** With less room than this the log of Redis soon cannot be rewritten. */
const SCARCE_BYTES = GIB;
const FULL_BYTES = GIB / 10;
/** What others than the owner may do. */
const OTHERS = 0o077;

function checkDataFolder(folder: string): Check {
  const name = 'data folder';
  if (!existsSync(folder)) return ok(name, `${folder} is not there yet: the first start creates it.`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const advice = 'Let the user that runs Stepyard write there, or choose another folder with STEPYARD_DATA';
    return failed(name, `${folder} cannot be read and written: ${reasonOf(error)}. ${advice}.`);
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const room = `${(free / GIB).toFixed(1)} GiB of its disk are free`;
  if (free < FULL_BYTES) return failed(name, `In ${folder}, ${room}: Redis soon cannot write. Make room.`);
  if (free < SCARCE_BYTES) return warning(name, `In ${folder}, ${room}: that is little. Make room.`);
  if ((statSync(folder).mode & OTHERS) !== 0) {
    return warning(name, `Other users of this machine may look into ${folder}: chmod 700 keeps them out.`);
  }
  return ok(name, `${folder} can be written, and ${room}.`);
}
