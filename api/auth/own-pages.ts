import type { FastifyRequest } from 'fastify';

/**
 * A server that asks nobody who it is trusts whoever reaches it, and a browser on this machine reaches it for every page that it shows.
 * So requests that a page of another site may have caused are told apart.
 */

type Headers = FastifyRequest['headers'];

/**
 * Whether another site's page, or a proxy, may be behind a request. Browsers say where a request comes from, unless it is a plain GET; a site that
 * lets its own name lead here (DNS rebinding) shows in Host. SDKs and other programs say nothing of the kind.
 *
 * @param origins of pages that may use the server
 */
export function isFromElsewhere({ host = '', origin, ...others }: Headers, origins: readonly string[]): boolean {
  if (!isLocalName(host) || PROXY_SAYS.some((name) => others[name] !== undefined)) return true;
  if (origin !== undefined) return !origins.includes(origin) && hostOf(origin) !== host;
  return others['sec-fetch-site'] === 'cross-site' && others['sec-fetch-mode'] !== 'navigate';
}

/** A proxy on this machine brings requests of others under a name of this machine. */
const PROXY_SAYS = ['forwarded', 'via', 'x-forwarded-for'] as const;

/** Names that no stranger can make lead here: addresses, and names that are not looked up in the public DNS. */
const isLocalName = (host: string): boolean => LOCAL.test(host.replace(/:\d+$/, '').replace(/^sync-/, ''));

const LOCAL = /^(\[[\da-f:.]+\]|\d{1,3}(\.\d{1,3}){3}|[\w-]*|([\w-]+\.)+(localhost|local|internal|test))$/i;

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
