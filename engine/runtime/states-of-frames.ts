import type { Frame, FrameId } from '../interpreter/execution.ts';

/**
 * The states that the running frames of an execution are in. Kept up with each step by the frames that it changes, so that an
 * execution of 10,000 frames costs no more than what happens in it.
 */
export class StatesOfFrames {
  readonly #frames = new Map<string, number>();
  /** What the index has, as far as known. */
  #indexed: ReadonlySet<string> = new Set();
  #certain: boolean;

  /** @param frames of an execution that was read: its index entries are taken for granted only where it has left a state */
  constructor(frames: ReadonlyMap<FrameId, Frame>) {
    this.#certain = frames.size === 0;
    for (const frame of frames.values()) this.#count(frame, 1);
    this.#indexed = new Set(this.#frames.keys());
  }

  /** To be told of the changed frames of a step before they are applied to those that they were made from. */
  apply(frames: ReadonlyMap<FrameId, Frame>, changed: ReadonlyMap<FrameId, Frame | null>): void {
    for (const [id, frame] of changed) {
      this.#count(frames.get(id), -1);
      this.#count(frame, 1);
    }
  }

  /**
   * What has changed since this was last asked, for the index of open executions; a closed one is in no state. What is told is taken
   * for written.
   */
  changes(closed: boolean): { readonly entered: readonly string[]; readonly left: readonly string[] } {
    const before = this.#indexed;
    const now = closed ? NONE : new Set(this.#frames.keys());
    this.#indexed = now;
    const certain = this.#certain;
    this.#certain = true;
    return {
      entered: [...now].filter((state) => !certain || !before.has(state)),
      left: [...before].filter((state) => !now.has(state)),
    };
  }

  #count(frame: Frame | null | undefined, by: 1 | -1): void {
    if (frame?.phase !== 'running') return;
    const count = (this.#frames.get(frame.state) ?? 0) + by;
    if (count > 0) this.#frames.set(frame.state, count);
    else this.#frames.delete(frame.state);
  }
}

const NONE: ReadonlySet<string> = new Set();
