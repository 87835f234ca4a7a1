import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** As much of S3 as the stores use, for one test: objects in memory, multipart uploads, listings in pages. */
export class S3Server {
  /** By `bucket/key`. */
  readonly objects = new Map<string, Buffer>();
  /** `METHOD /path?query` of all requests. */
  readonly requests: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** The parts of uploads that are neither completed nor aborted. */
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** Keys in a page of a listing. */
  pageSize = 1000;
  /** After how many bytes of a body the connection is cut, one for each answer in turn. */
  cuts: number[] = [];
  /** What the next requests that `fails` holds for are answered. */
  failure: { readonly status: number; readonly code: string; readonly fails: (request: string) => boolean } | undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #uploadIds = 0;

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://s3');
    const told = `${request.method} ${request.url}`;
    this.requests.push(told);
    this.headers.push(request.headers);
    const body = await buffer(request);
    response.setHeader('x-amz-request-id', 'REQUEST');
    if (this.failure?.fails(told)) return refuse(response, this.failure.status, this.failure.code);
    const [, bucket = '', ...names] = decodeURIComponent(url.pathname).split('/');
    const at = `${bucket}/${names.join('/')}`;
    const upload = url.searchParams.get('uploadId');
    if (url.searchParams.has('list-type')) return this.#list(bucket, url.searchParams, response);
    if (request.method === 'GET') return this.#get(at, request, response);
    if (upload !== null) return this.#part(at, upload, request.method, url.searchParams, body, response);
    if (request.method === 'POST') return this.#beginUpload(response);
    this.objects.set(at, body);
    response.setHeader('ETag', etagOf(body)).end();
  }

  #get(at: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const content = this.objects.get(at);
    const wanted = headers['if-match'];
    if (content === undefined) refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    else if (wanted !== undefined && wanted !== etagOf(content)) refuse(response, 412, 'PreconditionFailed');
    else this.#send(content, headers.range, response);
  }

  #send(content: Buffer, range: string | undefined, response: ServerResponse): void {
    const [, from = '0', to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const end = to ? Math.min(Number(to) + 1, content.length) : content.length;
    const part = content.subarray(Number(from), end);
    if (range !== undefined) {
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${from}-${end - 1}/${content.length}`);
    }
    response.setHeader('ETag', etagOf(content)).setHeader('Content-Length', part.length);
    const cut = this.cuts.shift();
    if (cut === undefined) response.end(part);
    else response.write(part.subarray(0, cut), () => response.destroy());
  }

  #list(bucket: string, query: URLSearchParams, response: ServerResponse): void {
    const start = `${bucket}/${query.get('prefix') ?? ''}`;
    const after = `${bucket}/${query.get('start-after') ?? ''}`;
    const keys = [...this.objects.keys()].filter((at) => at.startsWith(start) && at > after).sort();
    const from = Number(query.get('continuation-token') ?? 0);
    const page = keys.slice(from, from + this.pageSize);
    const more =
      from + page.length < keys.length ? `<NextContinuationToken>${from + page.length}</NextContinuationToken>` : '';
    const contents = page.map((at) => {
      const content = this.objects.get(at) ?? Buffer.alloc(0);
      return `<Contents><Key>${at.slice(bucket.length + 1)}</Key><LastModified>2023-11-14T22:13:20.000Z</LastModified><ETag>${etagOf(
        content,
      ).replaceAll('"', '&quot;')}</ETag><Size>${content.length}</Size><StorageClass>GLACIER</StorageClass></Contents>`;
    });
    response.end(`<?xml version="1.0"?><ListBucketResult>${contents.join('')}${more}</ListBucketResult>`);
  }

  #beginUpload(response: ServerResponse): void {
    this.#uploadIds += 1;
    this.uploads.set(String(this.#uploadIds), new Map());
    response.end(
      `<InitiateMultipartUploadResult><UploadId>${this.#uploadIds}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  #part(
    at: string,
    id: string,
    method: string | undefined,
    query: URLSearchParams,
    body: Buffer,
    response: ServerResponse,
  ): void {
    const parts = this.uploads.get(id) ?? new Map<number, Buffer>();
    if (method === 'PUT') {
      parts.set(Number(query.get('partNumber')), body);
      response.setHeader('ETag', etagOf(body)).end();
      return;
    }
    if (method === 'POST') {
      const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number));
      this.objects.set(at, Buffer.concat(numbers.map((number) => parts.get(number) ?? Buffer.alloc(0))));
    }
    this.uploads.delete(id);
    response.end('<CompleteMultipartUploadResult/>');
  }
}

function refuse(response: ServerResponse, status: number, code: string, message = code): void {
  response.statusCode = status;
  response.setHeader('x-amz-id-2', 'EXTENDED');
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

const etagOf = (content: Buffer): string => `"${createHash('md5').update(content).digest('hex')}"`;
