import { executionArn, expressArn, mapRunArn, parseArn } from '../../../schemas/arn.ts';
import type { ExecutionRecord, MapRunChild } from '../../../schemas/execution.ts';
import { homeOf, nameAt } from '../../../schemas/home.ts';
import type { MapRunPlan } from '../../../schemas/map-run.ts';
import { chanceOf } from '../../query/chance.ts';
import type { ChildRecord } from '../effect.ts';

/** Names of Map Runs and their children, drawn from the execution's seed: the same stay in the same state gives the same. */

type Parent = ExecutionRecord;

/** A machine's name without the label that a child has behind it. */
const ownName = (name: string): string => name.split('/', 1)[0] ?? name;

const draw = ({ executionId, seed }: Parent, what: string): string =>
  nameAt(homeOf(executionId), chanceOf(seed, what).uuid());

export const mapRunArnOf = (parent: Parent, visit: number, label: string): string =>
  mapRunArn(parseArn(parent.executionArn), ownName(parent.stateMachineName), label, draw(parent, `map-run/${visit}`));

/** The child with an index of the Map Run of a visit. */
export function childArn(
  parent: Parent,
  visit: number,
  index: number,
  { label, type }: MapRunPlan,
  name = childName(parent, visit, index),
): string {
  const machine = parseArn(parent.executionArn);
  const machineName = `${ownName(parent.stateMachineName)}/${label}`;
  if (type === 'STANDARD') return executionArn(machine, machineName, name);
  return expressArn(machine, machineName, name, draw(parent, `express/${visit}/${index}`));
}

const childName = (parent: Parent, visit: number, index: number): string => draw(parent, `child/${visit}/${index}`);

/** What is fixed about a child when it starts. */
export function childRecord(
  parent: Parent,
  plan: MapRunPlan,
  child: Pick<MapRunChild, 'mapRunArn' | 'visit' | 'index' | 'items'> & { readonly input: string },
  startMs: number,
): ChildRecord {
  const { mapRunArn: arn, visit, index, items, input } = child;
  const name = childName(parent, visit, index);
  const machineArn = parent.stateMachineArn.replace(/\/[^:]*$/, '');
  return {
    executionArn: childArn(parent, visit, index, plan, name),
    name,
    stateMachineArn: `${machineArn}/${plan.label}`,
    stateMachineName: `${ownName(parent.stateMachineName)}/${plan.label}`,
    roleArn: parent.roleArn,
    revisionId: parent.revisionId,
    startMs,
    input,
    seed: chanceOf(parent.seed, `seed/${visit}/${index}`).uuid(),
    ...(parent.traceHeader === undefined ? {} : { traceHeader: parent.traceHeader }),
    ...(parent.traceparent === undefined ? {} : { traceparent: parent.traceparent }),
    child: {
      mapRunArn: arn,
      parent: parent.executionId,
      visit,
      index,
      scope: plan.scope,
      type: plan.type,
      items,
      tellsInput: plan.writer !== undefined,
    },
  };
}
