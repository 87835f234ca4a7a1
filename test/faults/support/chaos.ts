import type { Dice } from '../../simulation/dice.ts';
import { until } from './until.ts';

/** Something happens to a process when so much of the work has been done. */
interface Blow {
  readonly progress: number;
  readonly victim: string;
  readonly how: How;
}

/** Killed and started again, told to end and started again, or put to sleep beyond its lease. */
export type How = 'kill' | 'terminate' | 'halt';

export interface Victim {
  kill(): Promise<void>;
  /** Resolves to the exit code. */
  terminate(): Promise<number | null>;
  /** Sleeps for a while, in the middle of whatever it does. */
  halt(ms: number): Promise<void>;
  start(): Promise<unknown>;
}

const HALT_MS = 2500;

/**
 * Strikes by a schedule that the dice draw. What triggers a blow is progress, not time, so a slow machine gets the same blows.
 */
export class Chaos {
  readonly blows: readonly Blow[];
  /** Who was told to end and did not end well. */
  readonly complaints: string[] = [];
  readonly #victims: ReadonlyMap<string, Victim>;

  /**
   * @param strikes what each victim gets
   * @param end the progress at which the work is done
   */
  constructor(
    dice: Dice,
    victims: ReadonlyMap<string, Victim>,
    strikes: (victim: string) => readonly How[],
    end: number,
  ) {
    this.#victims = victims;
    const blows = [...victims.keys()].flatMap((victim) =>
      strikes(victim).map((how) => ({ victim, how, progress: 1 + dice.below(Math.floor(end * 0.95)) })),
    );
    this.blows = blows.toSorted((a, b) => a.progress - b.progress);
  }

  count(how: How): number {
    return this.blows.filter((blow) => blow.how === how).length;
  }

  /** Strikes all blows. One does not wait until the victim of another has recovered. */
  async run(progress: () => number): Promise<void> {
    const halts: Promise<void>[] = [];
    for (const { progress: due, victim: name, how } of this.blows) {
      await until(`progress ${due}`, () => progress() >= due);
      const victim = this.#victims.get(name);
      if (!victim) continue;
      if (how === 'halt') halts.push(victim.halt(HALT_MS));
      else await this.#end(name, victim, how);
    }
    await Promise.all(halts);
  }

  async #end(name: string, victim: Victim, how: 'kill' | 'terminate'): Promise<void> {
    if (how === 'kill') await victim.kill();
    else {
      const code = await victim.terminate();
      if (code) this.complaints.push(`${name} was told to end and exited with ${code}`);
    }
    // The next blow may come before it works again.
    victim.start().catch(() => {});
  }
}
