import type { Dice } from '../../simulation/dice.ts';
import { until } from './until.ts';

/** Something that is struck down when so much of the work has been done, and gets up again. */
interface Blow {
  readonly progress: number;
  readonly victim: string;
}

export interface Victim {
  kill(): Promise<void>;
  /** Begins to come back; nobody waits until it has. */
  start(): Promise<unknown>;
}

/**
 * Kills by a schedule that the dice draw. What triggers a blow is progress, not time, so a slow machine gets the same blows.
 */
export class Chaos {
  readonly blows: readonly Blow[];
  readonly #victims: ReadonlyMap<string, Victim>;

  /**
   * @param kills how many blows each victim gets
   * @param end the progress at which the work is done
   */
  constructor(dice: Dice, victims: ReadonlyMap<string, Victim>, kills: number, end: number) {
    this.#victims = victims;
    const blows = [...victims.keys()].flatMap((victim) =>
      Array.from({ length: kills }, () => ({ victim, progress: 1 + dice.below(Math.floor(end * 0.95)) })),
    );
    this.blows = blows.toSorted((a, b) => a.progress - b.progress);
  }

  /** Strikes all blows. */
  async run(progress: () => number): Promise<void> {
    for (const { progress: due, victim } of this.blows) {
      await until(`progress ${due}`, () => progress() >= due);
      const struck = this.#victims.get(victim);
      await struck?.kill();
      // Another blow may come before it works again.
      struck?.start().catch(() => {});
    }
  }
}
