import { editsOf, haltedStates, type RedriveWish } from '../../engine/interpreter/redrive-edits.ts';
import type { ExecutionDescription, ExecutionStore, RedriveChange, Registry } from '../../engine/store/store.ts';
import type { Definition } from '../../schemas/definition.ts';
import { isJsonObject, type Json } from '../../schemas/json.ts';
import type { Dice } from './dice.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A redrive that was accepted. */
export interface AnsweredRedrive {
  readonly redriveMs: number;
  readonly change: RedriveChange;
}

/** Another revision of a machine, and that of the other: the same definition. */
export const otherRevision = (revisionId: string): string =>
  revisionId.endsWith('-2') ? revisionId.slice(0, -2) : `${revisionId}-2`;

/** Looks after executions, and redrives those that did not succeed as often as the dice have said: some never, some with edits. */
export class Redriver {
  readonly #executions: ExecutionStore;
  readonly #registry: Registry;
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #left = new Map<string, number>();
  readonly #answered = new Map<string, AnsweredRedrive[]>();

  constructor(executions: ExecutionStore, registry: Registry, clock: VirtualClock, dice: Dice) {
    this.#executions = executions;
    this.#registry = registry;
    this.#clock = clock;
    this.#dice = dice;
  }

  watch(executionArn: string): void {
    this.#left.set(executionArn, this.#dice.chance(0.5) ? 0 : 1 + this.#dice.below(5));
    const look = (): void => {
      if (this.isPlanned(executionArn)) void this.#redrive(executionArn).then(wait);
    };
    const wait = () => this.#clock.after(this.#dice.below(3000), look);
    wait();
  }

  /** Whether it is to be redriven when it ends without success. */
  isPlanned(executionArn: string): boolean {
    return (this.#left.get(executionArn) ?? 0) > 0;
  }

  /** The redrives that were accepted. */
  answered(executionArn: string): readonly AnsweredRedrive[] {
    return this.#answered.get(executionArn) ?? [];
  }

  async #redrive(executionArn: string): Promise<void> {
    const execution = await this.#executions.describe(executionArn);
    if (!execution || execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') return;
    const left = this.#left.get(executionArn) ?? 0;
    const change = await this.#change(execution, left);
    const send = () => this.#executions.redrive(executionArn, `token-${left}`, execution.stopMs, change);
    // An answer that is lost makes the client send it again.
    const answers = await Promise.all(this.#dice.chance(0.3) ? [send(), send()] : [send()]);
    const times = new Set(answers.map((answer) => (typeof answer === 'object' ? answer.redriveMs : answer)));
    const [redriveMs] = times;
    this.#left.set(executionArn, left - 1);
    if (times.size !== 1 || typeof redriveMs !== 'number') throw new Error(`${executionArn} was not redriven once`);
    this.#answered.set(executionArn, [...this.answered(executionArn), { redriveMs, change }]);
  }

  /** Another input for one of the states that are executed again, that state chosen by its name, another revision. */
  async #change({ status: _status, ...record }: ExecutionDescription, run: number): Promise<RedriveChange> {
    if (this.#dice.chance(0.5)) return {};
    const frames = await this.#executions.frames(record.executionArn);
    const definition = await this.#definition(record.revisionId);
    const leaves = [...haltedStates(frames)].filter(({ below }) => below === 'nothing');
    const leaf = leaves.length > 0 ? this.#dice.pick(leaves) : undefined;
    const input = (present: Json) => JSON.stringify(isJsonObject(present) ? { ...present, run } : present);
    const chosen = leaf?.frame.id === '0' && this.#dice.chance(0.5) ? { state: leaf.frame.state } : undefined;
    const edited = leaf && (chosen ?? { at: leaf.path });
    const goesOnWithChildren = [...haltedStates(frames)].some(({ below }) => below === 'mapRun');
    const revisionId = goesOnWithChildren || this.#dice.chance(0.5) ? undefined : otherRevision(record.revisionId);
    const wish: RedriveWish = {
      ...(edited && { ...edited, input }),
      ...(revisionId && { revision: { name: revisionId, definition: await this.#definition(revisionId) } }),
    };
    const edits = editsOf(wish, { record, frames, definition });
    return { edits, ...(revisionId !== undefined && { revisionId }) };
  }

  async #definition(revisionId: string): Promise<Definition> {
    const revision = await this.#registry.revision(revisionId);
    return JSON.parse(revision?.definition ?? '') as Definition;
  }
}
