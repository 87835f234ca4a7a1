/** What INFO tells of a Redis or one of its kin. Managed services leave out some of it: that is undefined. */
export interface ServerInfo {
  /** `Redis 7.2.4`, `Valkey 8.0.1`. */
  readonly server: string;
  /** Major and minor version of the Redis that it is like: `7.2`. */
  readonly compatible: string;
  readonly evictionPolicy: string | undefined;
  /** Whether it keeps an append-only log, and whether its last write to that went well. */
  readonly log: boolean | undefined;
  readonly lastWriteOk: boolean;
  readonly usedBytes: number | undefined;
  /** What it may use by its settings, else what the machine has. */
  readonly limitBytes: number | undefined;
}

export function readServerInfo(info: string): ServerInfo {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.+?)\\r?$`, 'm').exec(info)?.[1];
  const number = (name: string): number | undefined => {
    const value = Number(field(name) ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? value : undefined;
  };
  const version = field('redis_version') ?? '';
  const valkey = field('valkey_version');
  const aof = field('aof_enabled');
  return {
    server: valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}`,
    compatible: version.split('.').slice(0, 2).join('.'),
    evictionPolicy: field('maxmemory_policy'),
    log: aof === undefined ? undefined : aof === '1',
    lastWriteOk: field('aof_last_write_status') !== 'err',
    usedBytes: number('used_memory'),
    limitBytes: number('maxmemory') ?? number('total_system_memory'),
  };
}

/** Stepyard needs what Redis 6.2 can do. */
export function isTooOld(compatible: string): boolean {
  const [major = 0, minor = 0] = compatible.split('.').map(Number);
  return major < 6 || (major === 6 && minor < 2);
}
