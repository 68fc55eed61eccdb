import { isAscii } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/body.ts';
import { createBoundedSemaphore } from '../http/bounded-semaphore.ts';
import type { ClientAddress } from '../http/client-address.ts';
import { parseJson } from '../http/json.ts';
import type { RequestLimits } from '../http/rate-limit.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { Credentials } from '../provisioning/credentials.ts';
import { ScimError } from './errors.ts';
import type { ScimRequest } from './exchange.ts';
import { startDialect } from './quirks/dialect.ts';
import { strictDialect, tolerantDialect } from './quirks/index.ts';
import { unauthorized } from './unauthorized.ts';

/** Bytes that a body may have: a group of 100,000 members in one PUT. */
export const MAX_BODY = 10 * 1024 * 1024;
/** From this size on a body's memory matters, some twenty times its size as values: few are read at a time. */
const LARGE_BODY = 512 * 1024;
const LARGE_TURNS = { atOnce: 2, perOrganization: 1, waiting: 32, waitMs: 30_000 };

/** Finds out who asks. @throws ScimError 401 */
export type ScimAuthentication = (
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  query: ReadonlyMap<string, string>,
) => Promise<ScimRequest>;

export interface ScimAuthenticationDependencies {
  readonly credentials: Credentials;
  readonly limits: RequestLimits;
  readonly clientAddress: ClientAddress;
}

/** Builds the check of the token that every SCIM endpoint asks for. */
export function createAuthentication({
  credentials,
  limits,
  clientAddress,
}: ScimAuthenticationDependencies): ScimAuthentication {
  const turns = createBoundedSemaphore(LARGE_TURNS);
  /** Lets the log of a connection show that a token of it does not work any more. */
  const explainRejection = async (token: string, context: RequestContext): Promise<void> => {
    const known = await credentials.findRejected(token);
    if (known === undefined) return;
    context.rejected = known;
  };
  return async (request, response, context, query) => {
    const token = tokenOf(request.headers.authorization);
    const credential = token === undefined ? undefined : await credentials.verify(token);
    if (credential === undefined) {
      if (token !== undefined) {
        await limits.countInvalidCredential(clientAddress(request));
        await explainRejection(token, context);
      }
      throw unauthorized(token);
    }
    const { org, connection, strict, settings } = credential;
    context.organization = org;
    context.connection = connection;
    await limits.count(org, connection);
    const dialect = startDialect(strict ? strictDialect : tolerantDialect);
    context.ignored = dialect.ignored;
    if (context.exchange !== undefined) context.exchange.quirks = dialect.applied;
    return {
      by: {
        org,
        connection,
        origin: { actor: { type: 'connection', id: connection, via: 'scim' }, requestId: context.requestId },
        settings,
      },
      dialect,
      context,
      query,
      ifMatch: request.headers['if-match'],
      // Clients send it empty for a resource whose version they do not have yet.
      ifNoneMatch: request.headers['if-none-match']?.trim() || undefined,
      body: async () => {
        const charset = checkContentType(request.headers['content-type'], strict);
        checkEncoding(request.headers['content-encoding']);
        const large = { from: LARGE_BODY, admit: () => turns.take(org, response) };
        const bytes = await readBody(request, MAX_BODY, large);
        if (context.exchange !== undefined) context.exchange.sent = bytes;
        if (charset !== undefined && !isAscii(bytes)) throw notUtf8(charset);
        return parseJson(bytes);
      },
      countOperations: (count) => limits.count(org, connection, count),
    };
  };
}

/** Okta's header mode sends the token without the word Bearer. */
export function tokenOf(header: string | undefined): string | undefined {
  const [, token] = /^(?:Bearer +)?([\x21-\x7e]+)$/i.exec(header?.trim() ?? '') ?? [];
  return token;
}

/** Names of charsets whose bytes mean something else than ASCII's even where they look like it. */
const notAscii = /^(utf-?(7|16|32)|ucs-?[24]|iso-10646-ucs)/;

/**
 * Takes SCIM's own type and JSON's; in tolerance also none and text/plain, which simple clients send.
 * @returns the charset if it is not UTF-8: then only what is ASCII is read
 * @throws ScimError 415
 */
function checkContentType(header: string | undefined, strict: boolean): string | undefined {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const legal = type === 'application/scim+json' || type === 'application/json';
  if (!legal && (strict || (type !== '' && type !== 'text/plain'))) {
    throw new ScimError(
      415,
      undefined,
      `Send the body as application/scim+json, not as ${type.slice(0, 60) || 'nothing'}.`,
    );
  }
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return undefined;
  if (notAscii.test(charset)) throw notUtf8(charset);
  return charset;
}

function notUtf8(charset: string): ScimError {
  return new ScimError(415, undefined, `Send the body as UTF-8, not as ${charset.slice(0, 40)}.`);
}

/** A body of a few kilobytes gains nothing by compression, and one that unpacks to gigabytes is an attack. */
function checkEncoding(header: string | undefined): void {
  if (header === undefined || header.toLowerCase() === 'identity') return;
  throw new ScimError(415, undefined, `Send the body without ${header.slice(0, 40)}.`);
}
