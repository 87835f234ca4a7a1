import { hash, timingSafeEqual } from 'node:crypto';
import { Hash } from '@smithy/hash-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { apiError } from '../errors.ts';

/**
 * AWS Signature Version 4 in the Authorization header, seen from the server's side: what was signed is put together again from what was
 * received. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/** What is signed, as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What an Authorization header says. */
export interface Signature {
  readonly keyId: string;
  /** `20250131`. */
  readonly day: string;
  readonly region: string;
  /** As listed: lower case, sorted, separated by semicolons. */
  readonly signedHeaders: string;
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** `20250131T120000Z`, and the same in epoch milliseconds. */
  readonly date: string;
  readonly dateMs: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'states';
const TERM = 'aws4_request';
/** How far the clocks of client and server may be apart, as on AWS. */
export const SIGNATURE_LIFE_MS = 5 * 60_000;

/** Without these, a signature would be good for another server, operation or time. */
const MUST_BE_SIGNED = ['host', 'x-amz-date', 'x-amz-target'] as const;

/**
 * Reads the Authorization header, and checks all of it that needs no secret.
 *
 * @throws ApiError MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException
 */
export function readSignature({ headers, url }: SignedRequest, nowMs: number): Signature {
  const { authorization } = headers;
  const date = headers['x-amz-date'];
  if (/[?&]X-Amz-(Signature|Credential)=/i.test(url)) {
    throw apiError('IncompleteSignatureException', 'Signatures are taken in the Authorization header, not in the URL.');
  }
  if (typeof authorization !== 'string' || authorization === '') throw apiError('MissingAuthenticationTokenException');
  const parts = readParts(authorization);
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parts.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (typeof date !== 'string') missing.push("Authorization header requires existence of a 'X-Amz-Date' header.");
  if (missing.length > 0) throw incomplete(missing.join(' '), authorization);
  const read = (name: string): string => parts.get(name) ?? '';
  const scope = readScope(read('Credential'), String(date));
  const signedHeaders = read('SignedHeaders');
  checkSignedHeaders(signedHeaders);
  const dateMs = readDate(String(date), nowMs);
  return { ...scope, signedHeaders, signature: read('Signature'), date: String(date), dateMs };
}

/**
 * Whether no other request has the signature. Most SDKs sign a number of the attempt and an id of the call; the AWS CLI, boto3 and the SDK
 * for PHP send them, too, but unsigned.
 */
export const isOneAttempt = ({ signedHeaders }: Signature): boolean =>
  /(^|;)amz-sdk-invocation-id;amz-sdk-request;/.test(signedHeaders);

/** Names and values of `AWS4-HMAC-SHA256 Name=value, Name=value`. */
function readParts(authorization: string): ReadonlyMap<string, string> {
  const [algorithm = '', ...parts] = authorization.split(/[\s,]+/);
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': it must be ${ALGORITHM}.`, authorization);
  const read = new Map<string, string>();
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) {
      throw incomplete('Invalid key=value pair (missing equal-sign) in Authorization header.', authorization);
    }
    read.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return read;
}

/** Of what may be a secret in the wrong place, only a digest is told, as by AWS. */
const incomplete = (complaint: string, authorization: string) =>
  apiError(
    'IncompleteSignatureException',
    `${complaint} (Hashed with SHA-256 and encoded with Base64) Authorization=${hash('sha256', authorization, 'base64')}`,
  );

function readScope(credential: string, date: string): Pick<Signature, 'keyId' | 'day' | 'region'> {
  const [keyId = '', day = '', region = '', service = '', term = '', ...more] = credential.split('/');
  if (term === '' || more.length > 0) {
    throw apiError(
      'IncompleteSignatureException',
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  const faults: string[] = [];
  if (service !== SERVICE) faults.push(`Credential should be scoped to correct service: '${SERVICE}'.`);
  if (term !== TERM) faults.push(`Credential should be scoped with a valid terminator: '${TERM}', not '${term}'.`);
  if (!/^[a-z0-9-]{1,32}$/.test(region)) faults.push(`Credential should be scoped to a valid region, not '${region}'.`);
  if (day !== date.slice(0, 8)) {
    faults.push(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
        `'${day}' != '${date.slice(0, 8)}', from '${date}'.`,
    );
  }
  if (faults.length > 0) throw apiError('InvalidSignatureException', faults.join(' '));
  return { keyId, day, region };
}

function checkSignedHeaders(signedHeaders: string): void {
  const names = signedHeaders.split(';');
  for (const name of MUST_BE_SIGNED) {
    if (names.includes(name)) continue;
    const called = name === 'host' ? "'Host' or ':authority'" : `'${name}'`;
    throw apiError('InvalidSignatureException', `${called} must be a 'SignedHeader' in the AWS Authorization.`);
  }
}

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Epoch milliseconds of a date that is not too far from now. */
function readDate(date: string, nowMs: number): number {
  const [year = 0, month = 0, ...rest] = (DATE.exec(date) ?? []).slice(1).map(Number);
  if (!month) {
    throw apiError(
      'IncompleteSignatureException',
      `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const dateMs = Date.UTC(year, month - 1, ...rest);
  const [earliest, latest] = [nowMs - SIGNATURE_LIFE_MS, nowMs + SIGNATURE_LIFE_MS];
  const now = basicDate(nowMs);
  if (dateMs < earliest) {
    throw apiError(
      'InvalidSignatureException',
      `Signature expired: ${date} is now earlier than ${basicDate(earliest)} (${now} - 5 min.)`,
    );
  }
  if (dateMs > latest) {
    throw apiError(
      'InvalidSignatureException',
      `Signature not yet current: ${date} is still later than ${basicDate(latest)} (${now} + 5 min.)`,
    );
  }
  return dateMs;
}

const basicDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');

/**
 * Whether a request was signed with a secret, in a time that tells nothing of where signatures differ: what was received is signed
 * again by the library that AWS's own SDK signs with.
 */
export async function isSignedWith(secret: string, request: SignedRequest, signature: Signature): Promise<boolean> {
  // Capitals would be the same signature in another form, and pass for one that was not used yet.
  if (!/^[0-9a-f]{64}$/.test(signature.signature)) return false;
  const headers = headersAsSigned(request, signature);
  if (headers === undefined) return false;
  const { keyId, region, dateMs } = signature;
  const signed = await signerOf({ accessKeyId: keyId, secretAccessKey: secret }, region).sign(
    { method: request.method, protocol: 'https:', hostname: '', ...partsOf(request.url), headers, body: request.body },
    { signingDate: new Date(dateMs), signableHeaders: new Set(Object.keys(headers)) },
  );
  const [, names, expected = ''] = SIGNED.exec(signed.headers['authorization'] ?? '') ?? [];
  // The list is signed as it stands: in another order, a signature of one attempt would pass for one that attempts share.
  return names === signature.signedHeaders && timingSafeEqual(Buffer.from(signature.signature), Buffer.from(expected));
}

const SIGNED = /SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

const sha256 = Hash.bind(undefined, 'sha256');
const signers = new Map<string, SignatureV4>();
const MOST_SIGNERS = 1000;

/** Kept, since making one takes longer than signing. */
function signerOf(credentials: Credentials, region: string): SignatureV4 {
  const name = `${credentials.accessKeyId}/${region}/${credentials.secretAccessKey}`;
  const known = signers.get(name);
  if (known) return known;
  if (signers.size >= MOST_SIGNERS) signers.clear();
  const signer = new SignatureV4({ credentials, region, service: SERVICE, sha256, applyChecksum: false });
  signers.set(name, signer);
  return signer;
}

/** The headers that the client says it signed; undefined when it cannot have signed this. */
function headersAsSigned({ headers, body }: SignedRequest, { signedHeaders }: Signature) {
  const read: Record<string, string> = {};
  for (const name of signedHeaders.split(';')) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (typeof value !== 'string') return undefined;
    // It would stand in the place of the body's own digest.
    if (name === 'x-amz-content-sha256' && value !== hash('sha256', body)) return undefined;
    // Headers arrive byte by byte as Latin 1.
    read[name] = Buffer.from(value, 'latin1').toString();
  }
  return read;
}

function partsOf(url: string): { path: string; query: Record<string, string[]> } {
  const [path = '', ...rest] = url.split('?');
  const parameters = new URLSearchParams(rest.join('?'));
  return { path, query: Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)])) };
}
