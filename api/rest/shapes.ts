import Type from 'typebox';

/** Members that several routes share. */

export const Instant = Type.String({ format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] });
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
/** Of the seconds that operations of the AWS API answer. */
export const instantOf = (seconds: number): string => instant(Math.round(seconds * 1000));
export const instantIf = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : instantOf(seconds);

/** Where the next page begins: what the page before answered as `nextToken`. */
export const NextToken = Type.String({ minLength: 1, maxLength: 3096, description: 'What the page before answered.' });
/** How many rows a page has at most. */
export const MaxResults = Type.Integer({
  minimum: 1,
  maximum: 1000,
  default: 100,
  description: 'How many a page has at most.',
});
export const Page = { maxResults: MaxResults, nextToken: Type.Optional(NextToken) };
/** Of an answer: absent on the last page. */
export const Next = Type.Optional(Type.String({ description: 'For the next page; absent on the last.' }));

const SCOPE = 'us-east-1:000000000000';
export const MACHINE_ARN = `arn:aws:states:${SCOPE}:stateMachine:orders`;
export const EXECUTION_ARN = `arn:aws:states:${SCOPE}:execution:orders:order-17`;
export const MAP_RUN_ARN = `arn:aws:states:${SCOPE}:mapRun:orders/Each:0f8fad5b-d9cb-469f-a165-70867728950e`;

const ACTIVITY_ARN = `arn:aws:states:${SCOPE}:activity:pack`;

const arnParameter = (example: string) => Type.String({ minLength: 1, maxLength: 2000, examples: [example] });
export const ExecutionParams = Type.Object({ executionArn: arnParameter(EXECUTION_ARN) });
export const MachineParams = Type.Object({ stateMachineArn: arnParameter(MACHINE_ARN) });
export const ActivityParams = Type.Object({ activityArn: arnParameter(ACTIVITY_ARN) });
export const MapRunParams = Type.Object({ mapRunArn: arnParameter(MAP_RUN_ARN) });

/** A JSON text as AWS takes it, or what it stands for. */
export const JsonOrText = (description: string, example: unknown) =>
  Type.Unsafe<unknown>({
    description: `${description}: a JSON text, as in the AWS API, or anything but a text as it is.`,
    examples: [example],
  });
export const jsonText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Plain data that another part of the system shapes. */
export const Data = <T>(title: string, description: string) =>
  Type.Unsafe<T>({ type: 'object', additionalProperties: true, title, description });
