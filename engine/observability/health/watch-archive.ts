import { TELEMETRY } from '../../index.ts';
import { type Check, warning } from './check.ts';

export interface ArchiveWatch {
  /** A warning while closed executions cannot be archived; nothing to tell otherwise. */
  check(): readonly Check[];
  stop(): void;
}

/** Hears whether the engine of this process can write to the archive: the last attempt counts. */
export function watchArchive(): ArchiveWatch {
  let trouble: string | undefined;
  const stops = [
    TELEMETRY.archiveFailed.listen(({ message }) => {
      trouble = message;
    }),
    TELEMETRY.executionArchived.listen(() => {
      trouble = undefined;
    }),
  ];
  return {
    check: () =>
      trouble === undefined
        ? []
        : [warning('archive', `Closed executions cannot be archived and stay in the store: ${trouble}`)],
    stop() {
      for (const stop of stops) stop();
    },
  };
}
