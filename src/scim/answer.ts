import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError } from '../directory/errors.ts';
import { BodyAborted } from '../http/body.ts';
import { requestContext } from '../http/request-context.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import type { ScimExchange } from '../provisioning/log/entry.ts';
import { toScimError } from './domain-errors.ts';
import { presentError, type ScimError } from './errors.ts';
import type { ScimAnswer } from './exchange.ts';

/** Answers contain personal data: they are not cached, and browsers must not sniff their type. */
const ALWAYS = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'];

/** Characters from which a body is sent as bytes. */
const LARGE_TEXT = 16 * 1024;

/** Runs a handler and sends what it answers, or the error that it throws. An unknown failure is passed to the edge. */
export async function answerWith(
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => Promise<ScimAnswer>,
): Promise<void> {
  try {
    await send(request, response, await handle());
  } catch (error) {
    if (error instanceof BodyAborted) {
      response.destroy();
      return;
    }
    if (error instanceof DatabaseUnavailable) requestContext(response).unavailable = error;
    const known = response.headersSent ? undefined : toScimError(error);
    if (known === undefined) throw error;
    noteError(requestContext(response).exchange, known, error);
    await send(request, response, {
      status: known.status,
      headers: known.headers,
      body: JSON.stringify(presentError(known)),
    });
  }
}

async function send(request: IncomingMessage, response: ServerResponse, answer: ScimAnswer): Promise<void> {
  const { status, body } = answer;
  const { requestId, ignored, notes, exchange } = requestContext(response);
  // Names and values in turn, which node:http writes as they are.
  const headers = ['X-Request-Id', requestId, ...ALWAYS];
  if (status < 400 && ignored !== undefined && ignored.size > 0) {
    headers.push('Rollcall-Ignored', [...ignored].join(', '));
  }
  if (status < 400 && notes !== undefined) headers.push('Rollcall-Note', notes.join(' '));
  for (const name in answer.headers) headers.push(name, answer.headers[name] as string);
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  headers.push('Content-Type', contentType(request.headers.accept));
  if (typeof body === 'string' || isList(body)) {
    const texts = typeof body === 'string' ? [body] : body;
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    // A small text is written together with the headers.
    const sent = characters < LARGE_TEXT ? texts.join('') : encode(texts);
    const bytes = Buffer.byteLength(sent);
    if (exchange !== undefined) {
      const text = typeof sent === 'string' ? sent : beginningOf(texts);
      exchange.answered = { text, characters, bytes };
    }
    headers.push('Content-Length', String(bytes));
    response.writeHead(status, headers).end(sent);
    return;
  }
  await stream(response, status, headers, exchange === undefined ? body : noted(body, exchange));
}

const isList = (body: ScimAnswer['body']): body is readonly string[] => Array.isArray(body);

/** Encodes texts one after another. Joining a long list first would copy each of them twice more. */
function encode(texts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  let end = 0;
  for (const text of texts) end += bytes.write(text, end);
  return bytes;
}

/** More than the provisioning log keeps of texts. */
function beginningOf(texts: readonly string[]): string {
  let text = '';
  for (const each of texts) {
    if (text.length >= 2 * LARGE_TEXT) break;
    text += each;
  }
  return text;
}

/** Notes why a request was rejected: the code of the rule that did it, where it has one. */
export function noteError(exchange: ScimExchange | undefined, known: ScimError, error: unknown): void {
  if (exchange === undefined) return;
  const code = error instanceof DomainError ? error.code : known.scimType;
  exchange.error = { code: exchange.error?.code ?? code, detail: known.message };
}

/** Passes pieces on, and notes the first of them. */
async function* noted(pieces: AsyncIterable<string>, exchange: ScimExchange): AsyncIterable<string> {
  const answered = { text: '', characters: 0, bytes: 0 };
  exchange.answered = answered;
  for await (const piece of pieces) {
    if (answered.text.length < LARGE_TEXT) answered.text += piece.slice(0, LARGE_TEXT);
    answered.characters += piece.length;
    answered.bytes += Buffer.byteLength(piece);
    yield piece;
  }
}

/**
 * Sends piece by piece, no faster than the client reads. A failure in the middle cuts the connection: a partial answer
 * is invalid anyway.
 */
async function stream(
  response: ServerResponse,
  status: number,
  headers: string[],
  pieces: AsyncIterable<string>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (!response.headersSent) response.writeHead(status, headers);
      if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
      if (gone.signal.aborted) return;
    }
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    if (response.headersSent) response.destroy();
    throw error;
  }
}

function contentType(accept: string | undefined): string {
  const wantsJson =
    accept?.includes('application/json') === true && !accept.includes('application/scim+json');
  return wantsJson ? 'application/json; charset=utf-8' : 'application/scim+json; charset=utf-8';
}
