/** Closed executions beyond Redis: written before they are removed, read when nobody else knows them. */
export { createArchive, listArchived } from './archive.ts';
export { type ArchiveStore, openArchive } from './archive-store.ts';
export type { ArchivedSummary } from './archived-execution.ts';
export { withArchive } from './with-archive.ts';
