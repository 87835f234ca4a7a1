import { formatBearer, parseBearer } from '../schemas/access-key.ts';
import { credentialsFrom, KEY_WANTED } from './aws-call.ts';
import { endpointFrom } from './endpoint.ts';
import { StartError } from './start-error.ts';

/** Calls the REST API of a server. */

/**
 * The access key of the environment, if it is one of Stepyard's: no other key is told to anybody.
 */
function authorization(environment: NodeJS.ProcessEnv): Record<string, string> {
  const { accessKeyId = '', secretAccessKey = '' } = credentialsFrom(environment) ?? {};
  const token = formatBearer(accessKeyId, secretAccessKey);
  return parseBearer(token) ? { authorization: `Bearer ${token}` } : {};
}

/**
 * @param endpoint of the server, as the command line names it
 * @param path behind `/api/v1`
 * @returns the answer; undefined when it is empty
 * @throws StartError when the server is not reached or refuses
 */
export async function callRest<Answer>(
  endpoint: string | undefined,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer> {
  const base = endpointFrom(endpoint, process.env);
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1${path}`, base);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { ...authorization(process.env), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new StartError(`Nothing answers at ${base.href}. Is the server running? Name another with --endpoint.`);
  }
  const text = await response.text();
  // The shape is the route's.
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Answer;
  const refusal = refusalIn(text) ?? `${method} ${url.href} was answered with HTTP status ${response.status}.`;
  throw new StartError(response.status === 401 ? `${refusal}\n${KEY_WANTED}` : refusal);
}

/** What a problem says; undefined when the answer is none. */
function refusalIn(text: string): string | undefined {
  try {
    const { detail }: { detail?: unknown } = JSON.parse(text);
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
