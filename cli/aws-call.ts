import { createHash, createHmac } from 'node:crypto';
import { StartError } from './start-error.ts';

/** Calls operations of the Step Functions API over its wire, AWS JSON 1.0. */

/** Who calls, as the SDKs and the AWS CLI find it in the environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface CallTarget {
  /** Of the server, or of AWS: https://states.us-east-1.amazonaws.com. */
  readonly endpoint: URL;
  readonly region: string;
  /** Requests are signed when they are there; an open server does not ask. */
  readonly credentials: Credentials | undefined;
}

export function credentialsFrom(environment: NodeJS.ProcessEnv): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const { AWS_SESSION_TOKEN: sessionToken } = environment;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** What helps when a server does not know who asks. */
export const KEY_WANTED =
  'The server asks for an access key: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are to hold one that it knows.';
const KEY_ERRORS: ReadonlySet<string> = new Set(['MissingAuthenticationTokenException', 'UnrecognizedClientException']);

/**
 * @returns the answer, as it came
 * @throws StartError when the server is not reached or refuses
 */
export async function callAws(target: CallTarget, operation: string, input: object): Promise<Record<string, unknown>> {
  const body = JSON.stringify(input);
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AWSStepFunctions.${operation}`,
  };
  const signed = target.credentials ? sign(target, target.credentials, headers, body, new Date()) : headers;
  let response: Response;
  try {
    response = await fetch(target.endpoint, { method: 'POST', headers: signed, body });
  } catch {
    throw new StartError(
      `Nothing answers at ${target.endpoint.href}. Is the server running? Name another with --endpoint.`,
    );
  }
  const answer = recordOf(await response.text());
  if (response.ok) return answer;
  const type = String(answer['__type'] ?? response.status).replace(/^.*#/, '');
  const refusal = `${operation} was refused: ${type}: ${String(answer['message'] ?? answer['Message'] ?? '')}`;
  throw new StartError(KEY_ERRORS.has(type) ? `${refusal}\n${KEY_WANTED}` : refusal);
}

function recordOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** AWS Signature Version 4 of a POST to `/` without a query ("Create a signed AWS API request"). */
export function sign(
  { endpoint, region }: CallTarget,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  headers: Readonly<Record<string, string>>,
  body: string,
  at: Date,
): Record<string, string> {
  const instant = at.toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  const day = instant.slice(0, 8);
  const token = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
  const all: Record<string, string> = { ...headers, host: endpoint.host, 'x-amz-date': instant, ...token };
  const names = Object.keys(all).sort();
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${all[name]}`),
    '',
    names.join(';'),
    sha256(body),
  ];
  const scope = `${day}/${region}/states/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', instant, scope, sha256(canonical.join('\n'))].join('\n');
  const key = [day, region, 'states', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  const { host: _, ...sent } = all;
  const credential = `Credential=${accessKeyId}/${scope}`;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
