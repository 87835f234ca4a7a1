import type { Log, StoreStatistics } from '../engine/index.ts';
import { judgeSafety } from '../engine/observability/health/judge-store.ts';
import type { Config } from '../schemas/config.ts';
import { StartError } from './start-error.ts';

/**
 * Warns of a Redis that may lose what it is given.
 *
 * @throws StartError instead, when the settings say so
 */
export async function checkSafety(statistics: StoreStatistics, { strict }: Config, log: Log): Promise<void> {
  const doubts = judgeSafety(await statistics.condition(false)).filter(({ status }) => status !== 'ok');
  if (doubts.length === 0) return;
  const sentences = doubts.map(({ message }) => message);
  if (strict)
    throw new StartError(`Stepyard does not start, since STEPYARD_STRICT is true:\n  ${sentences.join('\n  ')}`);
  for (const { name, message } of doubts) log.warn({ check: name }, message);
}
