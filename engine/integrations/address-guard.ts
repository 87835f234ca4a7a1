import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type AgentOptions, type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Agents } from './http-post.ts';

/**
 * Keeps requests to addresses that strangers have named out of the networks around this machine: what listens there often trusts
 * whoever reaches it.
 */

/** Addresses that are not of the public Internet (IANA's registries of special-purpose addresses). */
const PRIVATE: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [network, prefix] of PRIVATE) blocked.addSubnet(network, prefix, isIP(network) === 4 ? 'ipv4' : 'ipv6');

/** The IPv4 address behind one of NAT64, as two groups of 16 bits: those networks reach everything so. */
const NAT64 = /^64:ff9b::(?:([\da-f]{1,4}):)?([\da-f]{1,4})$/i;

/** Whether an IP address belongs to no public network. What is no IP address does, too. */
export function isPrivateAddress(address: string): boolean {
  const [plain = ''] = address.split('%', 1);
  const family = isIP(plain);
  if (family === 0) return true;
  const behind = NAT64.exec(plain);
  if (behind) return isPrivateAddress(fromGroups(behind[1] ?? '0', behind[2] ?? '0'));
  return blocked.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

function fromGroups(high: string, low: string): string {
  const bits = [high, low].map((group) => Number.parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}

/**
 * Whether a request to the host of a URL may be made, as far as that can be told without looking its name up.
 *
 * @param host as `URL.hostname` tells it: IPv6 addresses in brackets
 */
export function mayReach(host: string, allowPrivateNetworks: boolean): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  const isNamed = isIP(bare) === 0 && !/(^|\.)localhost\.?$/.test(bare);
  return allowPrivateNetworks || isNamed || !isPrivateAddress(bare);
}

/** A connection that was not made, since its address is private. */
export class PrivateAddress extends Error {
  constructor(host: string, address: string) {
    const named = host === address ? host : `${host} (${address})`;
    super(`${named} is an address of a private network, and STEPYARD_ALLOW_PRIVATE_NETWORKS does not allow those`);
  }
}

/** Looks a name up as usual; one that has a private address among its addresses is refused. */
export const publicLookup: LookupFunction = (host, options, done) => {
  const all: LookupOptions & { all: true } = { ...options, all: true };
  lookup(host, all, (error, addresses: LookupAddress[]) => {
    if (error) return done(error, []);
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    if (refused) return done(new PrivateAddress(host, refused.address), []);
    const [first] = addresses;
    if (options.all || !first) return done(null, addresses);
    done(null, first.address, first.family);
  });
};

/**
 * Checked where the connection is made: a name may have another address by then than when its URL was looked at, and a URL with an
 * address in it is never looked up.
 */
function guarded(options: ClientRequestArgs): ClientRequestArgs {
  const host = options.host ?? '';
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw new PrivateAddress(host, host);
  return { ...options, lookup: publicLookup };
}

type Connected = (error: Error | null, stream: Duplex) => void;

class PublicHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs, done?: Connected) {
    return super.createConnection(guarded(options), done);
  }
}

class PublicHttpsAgent extends HttpsAgent {
  override createConnection(options: ClientRequestArgs, done?: Connected) {
    return super.createConnection(guarded(options), done);
  }
}

/** No connection is kept: receivers close theirs when they like, and a request that meets that is lost. */
const NOT_KEPT: AgentOptions = { keepAlive: false };

/** Agents for requests to addresses that somebody has named, which may be those of private networks or not. */
export const createAgents = (allowPrivateNetworks: boolean): Agents =>
  allowPrivateNetworks
    ? { 'http:': new HttpAgent(NOT_KEPT), 'https:': new HttpsAgent(NOT_KEPT) }
    : { 'http:': new PublicHttpAgent(NOT_KEPT), 'https:': new PublicHttpsAgent(NOT_KEPT) };
