import type { RedriveNote } from '../../schemas/execution.ts';
import type { HistoryEvent } from '../../schemas/history.ts';
import { runs } from './invariants.ts';
import type { AnsweredRedrive } from './redriver.ts';

/** What was edited with redrives is what the execution went on with, and what is told. Nothing when all is well. */
export function editProblems(
  events: readonly HistoryEvent[],
  redriven: readonly AnsweredRedrive[],
  told: readonly RedriveNote[],
  revisionId: string | undefined,
): string[] {
  const [, ...afterRedrives] = runs(events);
  const problems = redriven.flatMap(({ change: { edits } }, index) => {
    const { input, state } = edits ?? {};
    if (!input) return [];
    const entered = (afterRedrives[index] ?? []).some(
      ({ stateEnteredEventDetails: details }) =>
        details?.['input'] === input.text && (state === undefined || details?.['name'] === state),
    );
    return entered ? [] : [`redrive ${index + 1} has not entered ${state ?? 'a state'} with ${input.text}`];
  });
  const notes = redriven.map(({ redriveMs, change: { edits, revisionId: revision } }) =>
    [redriveMs, edits?.state, edits?.input !== undefined, revision].join(),
  );
  const toldNotes = told.map((note) => [note.redriveMs, note.state, note.inputChanged, note.revisionId].join());
  if (toldNotes.join(';') !== notes.slice(-10).join(';')) problems.push(`redrives ${toldNotes.join(';')} are told`);
  const last = redriven.findLast(({ change }) => change.revisionId !== undefined)?.change.revisionId;
  if (last !== undefined && last !== revisionId) problems.push(`runs revision ${revisionId} instead of ${last}`);
  return problems;
}
