import type { ExecutionId } from '../../schemas/task.ts';

/** Where an execution stands in a list: newest first, then by id from the end of the alphabet. */
export interface Place {
  readonly startMs: number;
  readonly id: ExecutionId;
}

/** To sort by; negative when `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.startMs !== b.startMs) return b.startMs - a.startMs;
  if (a.id === b.id) return 0;
  return a.id > b.id ? -1 : 1;
}

/** A cursor is the place of the last row before it. */
export const formatCursor = ({ startMs, id }: Place): string => `${startMs}.${id}`;

/** Undefined when the text is no cursor of ours: it may have come from a client. */
export function parseCursor(cursor: string): Place | undefined {
  const [, startMs, id] = /^(\d{1,15})\.([\w-]{22})$/.exec(cursor) ?? [];
  return startMs === undefined ? undefined : { startMs: Number(startMs), id: id as ExecutionId };
}

/** The same among executions in the order of their names. */
export interface NamePlace {
  readonly name: string;
  readonly id: ExecutionId;
}

/** Names in the order of their UTF-8 bytes, as Redis sorts them. */
export const compareNamePlaces = (a: NamePlace, b: NamePlace): number =>
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));

export const formatNameCursor = ({ name, id }: NamePlace): string =>
  `${Buffer.from(name).toString('base64url')}.${id}.name`;

export function parseNameCursor(cursor: string): NamePlace | undefined {
  const [, name, id] = /^([\w-]{1,500})\.([\w-]{22})\.name$/.exec(cursor) ?? [];
  if (name === undefined) return undefined;
  return { name: Buffer.from(name, 'base64url').toString(), id: id as ExecutionId };
}
