import { randomUUID } from 'node:crypto';
import { SFNClient } from '@aws-sdk/client-sfn';
import { Hash } from '@smithy/hash-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { newAccessKey } from '../../../api/auth/new-key.ts';
import { type AccessKey, formatBearer } from '../../../schemas/access-key.ts';
import { type Answer, type RunningApi, send } from './running-api.ts';

/** A key of a test, with all that a client knows of it. */
export interface TestKey {
  readonly key: AccessKey;
  readonly secret: string;
  readonly bearer: { readonly authorization: string };
}

type Wanted = Partial<Omit<AccessKey, 'id' | 'secretHash' | 'sealedSecret'>> & { bearerOnly?: boolean };

export async function createKey(api: RunningApi, { bearerOnly, ...wanted }: Wanted = {}): Promise<TestKey> {
  const all = { role: 'admin', activities: [], creationMs: Date.now(), ...wanted } as const;
  const { key, secret } = newAccessKey(all, bearerOnly ? undefined : api.deps.seal);
  await api.deps.store.accessKeys.create(key);
  return { key, secret, bearer: { authorization: `Bearer ${formatBearer(key.id, secret)}` } };
}

/** The SDK with a key. */
export const clientOf = ({ port }: RunningApi, { key, secret }: TestKey, maxAttempts = 1): SFNClient =>
  new SFNClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: key.id, secretAccessKey: secret },
    disableHostPrefix: true,
    maxAttempts,
  });

class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super('sha256', secret);
  }
}

/** A request that may be signed, and spoiled after that. */
export interface Signable {
  operation?: string;
  path?: string;
  query?: Record<string, string | string[]>;
  body?: string;
  headers?: Record<string, string>;
  date?: Date;
  service?: string;
}

export interface SignedHeaders {
  [name: string]: string;
}

/** The headers of a request as AWS's own signer makes them. */
export async function sign({ key, secret }: TestKey, port: number, signable: Signable = {}): Promise<SignedHeaders> {
  const {
    operation = 'ListActivities',
    path = '/',
    query = {},
    body = '{}',
    headers = {},
    date = new Date(),
  } = signable;
  const signer = new SignatureV4({
    service: signable.service ?? 'states',
    region: 'us-east-1',
    credentials: { accessKeyId: key.id, secretAccessKey: secret },
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = {
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    path,
    query,
    headers: {
      host: `127.0.0.1:${port}`,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
      ...headers,
    },
    body,
  };
  return (await signer.sign(request, { signingDate: date })).headers;
}

/** Sends what was signed, with something put in its place. */
export const sendSigned = (
  { port }: RunningApi,
  headers: SignedHeaders,
  { body = '{}', path = '/' }: { body?: string; path?: string } = {},
): Promise<Answer> => send(port, 'POST', body, headers, path);

/** What most SDKs sign besides, so that no two attempts have the same signature. */
export const attempt = () => ({ 'amz-sdk-invocation-id': randomUUID(), 'amz-sdk-request': 'attempt=1; max=3' });

export const signedCall = async (api: RunningApi, key: TestKey, operation: string, input: unknown): Promise<Answer> => {
  const body = JSON.stringify(input);
  return sendSigned(api, await sign(key, api.port, { operation, body, headers: attempt() }), { body });
};

/** `Name: message` of an error's answer. */
export const told = ({ body }: Answer): string => `${String(body['__type'])}: ${String(body['message'])}`;
