import { type Check, failed, ok, reasonOf, warning } from '../../engine/observability/health/check.ts';

const ANSWER_MS = 3000;

/** Whether a server answers there, and what it says of itself. */
export async function checkEndpoint(endpoint: URL): Promise<readonly Check[]> {
  const name = 'endpoint';
  let response: Response;
  try {
    response = await fetch(new URL('/readyz', endpoint), { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return [warning(name, `Nothing answers at ${endpoint.href} (${reasonOf(reason)}): does a server run there?`)];
  }
  const failures = failuresIn(await response.text());
  if (response.ok) return [ok(name, `The server at ${endpoint.href} is ready.`)];
  if (failures.length === 0) {
    return [failed(name, `What answers at ${endpoint.href} is no Stepyard, or not ready (HTTP ${response.status}).`)];
  }
  return [failed(name, `The server at ${endpoint.href} is not ready: ${failures.join(' ')}`)];
}

/** The messages of the checks that have failed, in the answer of /readyz. */
function failuresIn(text: string): string[] {
  try {
    const { checks } = JSON.parse(text) as { checks?: unknown };
    return Array.isArray(checks)
      ? checks.flatMap(({ status, message }: Partial<Check>) => (status === 'failed' && message ? [message] : []))
      : [];
  } catch {
    return [];
  }
}
