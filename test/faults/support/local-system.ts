import { startSystem } from '../../../cli/system.ts';
import { readConfig } from '../../../schemas/config.ts';
import { ApiClient } from './api-client.ts';

/** A whole server inside the test process, for faults that need no dead process. */
export interface LocalSystem {
  readonly url: string;
  readonly api: ApiClient;
  /** What it warned of, or worse. */
  readonly trouble: readonly string[];
  stop(): Promise<void>;
}

/** @param redisPath the unix socket of Redis, or of what stands before it */
export async function startLocally(
  redisPath: string,
  env: Readonly<Record<string, string>> = {},
): Promise<LocalSystem> {
  const read = readConfig({ PORT: '0', STEPYARD_LEASE_MS: '1000', ...env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const trouble: string[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, message: string) => {
    trouble.push(`${message} ${fields['err'] ?? ''}`);
  };
  const system = await startSystem(read.config, `unix://${redisPath}`, { info: () => {}, warn: note, error: note });
  const url = system.url ?? '';
  return { url, api: new ApiClient([url]), trouble, stop: () => system.stop() };
}
