import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyAborted } from '../http/body.ts';
import { requestContext } from '../http/request-context.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { toScimError } from './domain-errors.ts';
import { presentError } from './errors.ts';
import type { ScimAnswer } from './exchange.ts';

/** Answers hold personal data: no cache keeps them, and no browser guesses what they are. */
const ALWAYS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

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
    await send(request, response, {
      status: known.status,
      headers: known.headers,
      body: JSON.stringify(presentError(known)),
    });
  }
}

async function send(request: IncomingMessage, response: ServerResponse, answer: ScimAnswer): Promise<void> {
  const { status, body } = answer;
  const { ignored, notes } = requestContext(response);
  const listsIgnored = status < 400 && ignored !== undefined && ignored.size > 0;
  const headers = {
    ...ALWAYS,
    ...(listsIgnored ? { 'Rollcall-Ignored': [...ignored].join(', ') } : {}),
    ...(status < 400 && notes !== undefined ? { 'Rollcall-Note': notes.join(' ') } : {}),
    ...answer.headers,
  };
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const typed = { ...headers, 'Content-Type': contentType(request.headers.accept) };
  if (typeof body === 'string') {
    response.writeHead(status, { ...typed, 'Content-Length': Buffer.byteLength(body) }).end(body);
    return;
  }
  await stream(response, status, typed, body);
}

/**
 * Sends piece by piece, no faster than the client reads. A failure in the middle cuts the connection: a partial answer
 * is invalid anyway.
 */
async function stream(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
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
