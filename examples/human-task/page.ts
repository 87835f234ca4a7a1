import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Desk, Question } from './workers.ts';

/** The desk as a web page, for a person, and as JSON, for answer.ts. */

export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0 takes a free one */
export async function servePage(desk: Desk, port: number): Promise<Page> {
  const server = createServer((request, response) => {
    respond(desk, request, response).catch((error: unknown) => send(response, 500, 'text/plain', String(error)));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page listens nowhere');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function respond(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://page');
  const id = /^\/questions\/([^/]+)$/.exec(pathname)?.[1];
  if (request.method === 'POST' && id !== undefined) return take(desk, id, request, response);
  if (pathname === '/questions') return send(response, 200, 'application/json', JSON.stringify(desk.questions()));
  if (pathname === '/') return send(response, 200, 'text/html; charset=utf-8', html(desk.questions()));
  send(response, 404, 'text/plain', 'There is nothing here');
}

/** An answer as a form sends it: `approved=yes&comment=...`. */
async function take(desk: Desk, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(await bodyOf(request));
  const approved = form.get('approved') === 'yes';
  const comment = form.get('comment') || (approved ? 'Fine' : 'No reason given');
  if (!desk.answer(id, { approved, by: form.get('by') ?? 'page', comment })) {
    return send(response, 410, 'text/plain', 'This question is not open any more');
  }
  response.writeHead(303, { location: '/' }).end();
}

const LONGEST_BODY = 10_000;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > LONGEST_BODY) throw new Error('That is too long for an answer');
  }
  return body;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

/** Looks again by itself while there is nothing to type into. */
const html = (questions: readonly Question[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">${questions.length === 0 ? '<meta http-equiv="refresh" content="5">' : ''}<title>Questions</title>
<h1>${questions.length === 0 ? 'No open questions' : 'Open questions'}</h1>
${questions.map(form).join('\n')}
</html>`;

const form = ({ id, who, what, cents }: Question): string => `<form method="post" action="/questions/${id}">
<p>May ${escapeHtml(who)} spend ${euros(cents)} on ${escapeHtml(what)}?</p>
<label>Comment <input name="comment"></label>
<button name="approved" value="yes">Yes</button> <button name="approved" value="no">No</button>
</form>`;

/** 1234 cents are `12.34 EUR`. */
export const euros = (cents: number): string => `${(cents / 100).toFixed(2)} EUR`;

const escapeHtml = (text: string): string =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
