import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type AccessKey, parseBearer } from '../../schemas/access-key.ts';
import { isJsonObject, type Json, member } from '../../schemas/json.ts';
import { ApiError, apiError } from '../errors.ts';
import type { ApiDeps } from '../operation.ts';
import type { OperationName } from '../operations/index.ts';
import { type Act, Audit } from './audit.ts';
import { ANYBODY, type Caller, callerArn, mayDo } from './caller.ts';
import { KeyRing } from './key-ring.ts';
import { hashOf } from './new-key.ts';
import { isFromElsewhere } from './own-pages.ts';
import { PERMISSIONS } from './permissions.ts';
import {
  isOneAttempt,
  isSignedWith,
  readSignature,
  SIGNATURE_LIFE_MS,
  type Signature,
  type SignedRequest,
} from './signature.ts';

/** A request whose sender is known. */
interface Known {
  readonly caller: Caller;
  /** Absent when the request was not signed. */
  readonly signature?: Signature;
}

/** Finds out who sends a request, and whether they may. */
export class Gate {
  readonly #deps: ApiDeps;
  readonly #ring: KeyRing;
  readonly audit: Audit;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
    this.#ring = new KeyRing(deps.store.accessKeys, deps.seal, deps.log);
    this.audit = new Audit(deps.log);
  }

  /**
   * Lets a request of the AWS protocol in that is signed, or has a bearer token, by who may do what it asks for.
   *
   * @param read reads the body, once the sender is known
   * @returns what is to be logged
   */
  async admit(request: FastifyRequest, operation: OperationName, read: () => Json): Promise<{ act: Act; body: Json }> {
    const { id: requestId, ip: from, headers } = request;
    const asked = { operation, requestId, from };
    let caller: Caller | undefined;
    try {
      const known = await this.#identify(request);
      caller = known.caller;
      const body = read();
      const { on } = PERMISSIONS[operation];
      const named = on !== undefined && isJsonObject(body) ? member(body, on) : undefined;
      const resource = typeof named === 'string' ? named.slice(0, LONGEST_NAME) : undefined;
      await this.#allow(known, operation, resource, requestId);
      return { act: { caller, resource, ...asked }, body };
    } catch (error) {
      this.told(error, { key: caller?.id ?? claimedKey(headers.authorization), ...asked });
      throw error;
    }
  }

  /** Tells of an error if it is a refusal. */
  told(error: unknown, asked: Parameters<Audit['refused']>[0]): void {
    if (error instanceof ApiError && REFUSALS.has(error.type)) this.audit.refused(asked, error.type);
  }

  /**
   * Whether the sender needs no key, since there is none.
   *
   * @throws ApiError AccessDeniedException when that is for this machine, and a page of another site asks; StoreUnavailable
   */
  async isOpen(headers: FastifyRequest['headers']): Promise<boolean> {
    const { openTo, corsOrigins } = this.#deps.config;
    if (openTo === 'nobody' || !(await this.#ring.isEmpty())) return false;
    if (openTo === 'this machine' && isFromElsewhere(headers, corsOrigins)) {
      throw new ApiError('AccessDeniedException', FROM_ELSEWHERE);
    }
    return true;
  }

  /** Whether a caller who was let in would be let in again. @throws StoreUnavailable */
  async isStillKnown(caller: Caller): Promise<boolean> {
    return caller === ANYBODY ? this.#ring.isEmpty() : (await this.keyOf(caller.id)) !== undefined;
  }

  /** Whose token it is. @throws ApiError UnrecognizedClientException; StoreUnavailable */
  async bearer(token: string): Promise<Caller> {
    const parsed = parseBearer(token);
    const key = parsed && (await this.keyOf(parsed.id));
    if (!parsed || !key || !isEqual(hashOf(parsed.secret), key.secretHash)) {
      throw apiError('UnrecognizedClientException');
    }
    return key;
  }

  /** A key that is good now. @throws StoreUnavailable */
  async keyOf(id: string): Promise<AccessKey | undefined> {
    return (await this.#held(id))?.key;
  }

  /** @throws ApiError ThrottlingException when the caller's key has a limit, and that is reached */
  async throttle({ id, rate }: Caller): Promise<void> {
    if (!rate) return;
    const waitMs = await this.#deps.store.accessKeys.spend(id, rate);
    if (waitMs > 0) throw throttled(waitMs);
  }

  async #held(id: string) {
    const held = await this.#ring.find(id);
    const { expiryMs = Number.POSITIVE_INFINITY } = held?.key ?? {};
    return expiryMs > Date.now() ? held : undefined;
  }

  async #identify({ method, url, headers, body }: FastifyRequest): Promise<Known> {
    if (await this.isOpen(headers)) return { caller: ANYBODY };
    const token = bearerToken(headers.authorization);
    if (token !== undefined) return { caller: await this.bearer(token) };
    const signed: SignedRequest = { method, url, headers, body: body instanceof Uint8Array ? body : NO_BODY };
    const signature = readSignature(signed, Date.now());
    const held = await this.#held(signature.keyId);
    if (!held) throw apiError('UnrecognizedClientException');
    if (held.secret === undefined) {
      const why =
        held.key.sealedSecret === undefined ? 'it is for bearer tokens alone' : 'its secret cannot be read here';
      throw new ApiError('UnrecognizedClientException', `Signatures of this access key cannot be checked: ${why}.`);
    }
    if (!(await isSignedWith(held.secret, signed, signature))) throw apiError('InvalidSignatureException');
    return { caller: held.key, signature };
  }

  async #allow(
    { caller, signature }: Known,
    operation: OperationName,
    resource: string | undefined,
    requestId: string,
  ): Promise<void> {
    if (caller === ANYBODY) return;
    const { access, on, repeatable } = PERMISSIONS[operation];
    if (!mayDo(caller, access, on === 'activityArn' ? (resource ?? '') : undefined)) {
      const { accountId } = this.#deps.config;
      throw apiError('AccessDeniedException', callerArn(caller, accountId), `states:${operation}`, resource ?? '*');
    }
    await this.throttle(caller);
    if (signature && access !== 'read' && !repeatable) await this.#useUp(signature, requestId);
  }

  /** What changes something is done once for a signature. */
  async #useUp(signature: Signature, requestId: string): Promise<void> {
    const forMs = signature.dateMs + SIGNATURE_LIFE_MS - Date.now() + CLOCK_SLACK_MS;
    const use = { forMs, sharedMs: isOneAttempt(signature) ? 0 : SHARED_MS };
    const id = signature.signature.slice(0, 32);
    if (await this.#deps.store.accessKeys.useSignature(id, requestId, use)) return;
    throw apiError('InvalidSignatureException', 'The signature was used before: every request must be signed anew.');
  }
}

/** How long a signature may be used again that does not tell attempts apart: requests that are alike have it in common for a second. */
const SHARED_MS = 5000;
/** API processes' clocks may differ by so much. */
const CLOCK_SLACK_MS = 60_000;
const FROM_ELSEWHERE =
  'This server has no access keys, so it takes no requests of web pages of other sites, nor under a name that others may have made, nor through a proxy: ' +
  'use localhost, create an access key, or allow the origin with STEPYARD_CORS_ORIGINS.';
const NO_BODY = new Uint8Array();
/** The longest ARN; what is longer is none, and of no use in a log. */
const LONGEST_NAME = 2048;

const REFUSALS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'ThrottlingException',
  'UnrecognizedClientException',
]);

const throttled = (waitMs: number): ApiError => {
  const error = apiError('ThrottlingException');
  error.retryAfterS = Math.ceil(waitMs / 1000);
  return error;
};

const isEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The token of `Authorization: Bearer <token>`; undefined when the header is of another scheme. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

/** The key that a request claims to be of, for the log. Anything else that the header holds may be a secret. */
const claimedKey = (authorization: string | undefined): string | undefined =>
  /\bSYAK[A-Z0-9]{16}\b/.exec(authorization ?? '')?.[0];
