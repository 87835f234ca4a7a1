import { TELEMETRY } from '../engine/index.ts';

/** A pino logger is one. */
interface FineLog {
  debug(fields: object, message: string): void;
  isLevelEnabled(level: string): boolean;
}

/** One line for each request of the API, when the log is to be that fine. */
export function logRequests(log: FineLog): void {
  if (!log.isLevelEnabled('debug')) return;
  TELEMETRY.requestAnswered.listen(({ ms, ...request }) => {
    log.debug({ ...request, ms: Math.round(ms * 10) / 10 }, 'request');
  });
}
