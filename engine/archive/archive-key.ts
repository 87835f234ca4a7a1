import { parseArn } from '../../schemas/arn.ts';
import { executionId } from '../store/execution-id.ts';

/** Where in an archive something is: by its ARN alone. */

/** What is readable of a name ends here; file systems allow 255 bytes. */
const READABLE_LENGTH = 150;

/** The object of an execution. */
export const executionKey = (executionArn: string): string => keyOf(executionArn, 'executions', '.jsonl.gz');

/** The object of a Map Run. */
export const mapRunKey = (mapRunArn: string): string => keyOf(mapRunArn, 'map-runs', '.json.gz');

/** What the keys of all executions of a machine begin with, and few others; those of the children of its Map Runs are elsewhere. */
export const machinePrefix = (stateMachineArn: string): string => `executions/${folderOf(stateMachineArn)}/`;

function keyOf(arn: string, kind: 'executions' | 'map-runs', ending: string): string {
  const { names } = parseArn(arn);
  const isChild = kind === 'executions' && names[0]?.includes('/');
  // Names may differ in case alone, which some file systems do not tell apart: the id does.
  const file = `${readable(names[1] ?? '')}.${executionId(arn)}${ending}`;
  return `${isChild ? 'children' : kind}/${folderOf(arn)}/${file}`;
}

/** The account, the region, the machine; for what belongs to a Map state also its label. */
function folderOf(arn: string): string {
  const { accountId, region, names } = parseArn(arn);
  return [accountId, region, ...(names[0] ?? '').split('/').map(readable)].join('/');
}

/** A name as a part of a path that no file system minds: other characters are percent-encoded, the rest is cut off. */
function readable(name: string): string {
  const escaped = encodeURIComponent(name).replace(/^\.|[!'()*]/g, (character) => `%${hexOf(character)}`);
  return escaped.slice(0, READABLE_LENGTH);
}

const hexOf = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
