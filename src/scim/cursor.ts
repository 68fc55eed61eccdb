import { createHash } from 'node:crypto';
import type { Provisioner } from '../directory/actor.ts';
import type { Position } from '../directory/search/predicate.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { badRequest } from './errors.ts';

/** Seconds for which a cursor is valid. */
export const CURSOR_TIMEOUT = 3_600;

const PURPOSE = 'SCIM cursor';
/** Unreserved characters (RFC 9865 §2); the longest sort key makes a cursor of some 5,000. */
const FORM = /^[A-Za-z0-9_-]{1,8192}$/;

/** A list that is read by cursors: every page must ask for the same (RFC 9865 §2). */
export interface CursorQuery {
  readonly by: Provisioner;
  /** Where the list is requested: `/Users`, `/Groups`, or `/` for both. */
  readonly endpoint: string;
  /** Filters, orders and selected attributes, in any form that is the same for the same query. */
  readonly parameters: unknown;
  readonly limit: number;
}

/** Where a page starts. */
export interface CursorStart {
  /** The listed resource type that comes next. */
  readonly kind: number;
  /** The last resource of that type; undefined if none was read. */
  readonly after: Position | undefined;
}

/** Writes and reads cursors. They contain all that is needed, so every process with the operator's key reads them. */
export interface Cursors {
  /** @returns unreserved characters, encrypted: the position may contain a userName, and logs contain URLs */
  write(query: CursorQuery, start: CursorStart): string;
  /**
   * @param cursor empty for the first page
   * @throws ScimError 400 `invalidCursor` for a forged cursor and for one of another connection, endpoint or query,
   *   which are not distinguished; `expiredCursor`; `invalidCount` (RFC 9865 §2.1)
   */
  read(query: CursorQuery, cursor: string): CursorStart;
}

type Content = readonly [
  scope: string,
  limit: number,
  issuedAt: number,
  kind: number,
  id: string | null,
  key?: string | null,
];

/** Builds the cursors of a server. */
export function createCursors({
  seal,
  now,
}: {
  readonly seal: SecretBox;
  readonly now: () => Date;
}): Cursors {
  return {
    write: (query, { kind, after }) => {
      const position = after === undefined ? [null] : [after.id, after.key];
      const content = [scopeOf(query), query.limit, now().getTime(), kind, ...position];
      // JSON writes null for undefined, so that the key is left out if it is missing.
      return seal.seal(JSON.stringify(content.filter((each) => each !== undefined)), PURPOSE);
    },

    read: (query, cursor) => {
      if (cursor === '') return { kind: 0, after: undefined };
      const content = open(seal, cursor);
      if (content === undefined || content[0] !== scopeOf(query)) {
        throw badRequest(
          'invalidCursor',
          'The cursor is not valid for this list: repeat the query that returned it, or start again with an empty cursor.',
        );
      }
      const [, limit, issuedAt, kind, id, key] = content;
      if (now().getTime() - issuedAt > CURSOR_TIMEOUT * 1_000) {
        throw badRequest(
          'expiredCursor',
          `The cursor is older than ${CURSOR_TIMEOUT} s: start again with an empty cursor.`,
        );
      }
      if (limit !== query.limit) {
        throw badRequest('invalidCount', `The count of every page must be that of the first: ${limit}.`);
      }
      return { kind, after: id === null ? undefined : { id, key } };
    },
  };
}

function open(seal: SecretBox, cursor: string): Content | undefined {
  if (!FORM.test(cursor)) return undefined;
  try {
    return JSON.parse(seal.open(cursor, PURPOSE)) as Content;
  } catch {
    return undefined;
  }
}

/** What must be the same on every page, in 22 characters. */
function scopeOf({ by, endpoint, parameters }: CursorQuery): string {
  const text = JSON.stringify([by.org, by.connection, endpoint, parameters]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
