import { ENGINE_LEVEL } from '../store.ts';

/** A member of the set of live engines: its owner's name and, behind a space, its level. Engines of level 1 announce their name alone. */
export const engineMember = (owner: string): string => `${owner} ${ENGINE_LEVEL}`;

export function parseEngineMember(member: string): { owner: string; level: number } {
  const [owner = '', level = '1'] = member.split(' ');
  return { owner, level: Number(level) };
}
