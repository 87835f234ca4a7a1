import type { Frame, FrameId } from './execution.ts';

/**
 * Which frame a visit belongs to. Derived from the frames and never stored: built when first asked for, then kept up by
 * {@link applyFrames}, so that a stimulus for one of 10,000 iterations finds its frame at once.
 */
const indexes = new WeakMap<ReadonlyMap<FrameId, Frame>, Map<number, FrameId>>();

export function frameOfVisit(frames: ReadonlyMap<FrameId, Frame>, visit: number): FrameId | undefined {
  let index = indexes.get(frames);
  if (!index) {
    index = new Map();
    for (const [id, frame] of frames) if (frame.phase === 'running') index.set(frame.visit, id);
    indexes.set(frames, index);
  }
  return index.get(visit);
}

/** Applies the changed frames of a step to the frames they were made from. */
export function applyFrames(frames: Map<FrameId, Frame>, changed: ReadonlyMap<FrameId, Frame | null>): void {
  const index = indexes.get(frames);
  for (const [id, frame] of changed) {
    const before = index && frames.get(id);
    if (before?.phase === 'running') index?.delete(before.visit);
    if (frame === null) frames.delete(id);
    else {
      frames.set(id, frame);
      if (frame.phase === 'running') index?.set(frame.visit, id);
    }
  }
}
