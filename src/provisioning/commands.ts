import type { Administer, Work } from '../directory/command-runner.ts';
import { Refusal } from '../directory/errors.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { insertConnection } from '../directory/organizations/store/organizations.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { demandAll } from '../directory/roles/rules/guards.ts';
import { hashToken, lastOf, makeToken } from '../platform/opaque-token.ts';
import { chooserOf, requireRightsOfChooser } from './role-source.ts';
import {
  type ConnectionRow,
  type ConnectionWords,
  findConnection,
  listConnections,
  rewriteConnection,
} from './store/connections.ts';
import {
  expireScimToken,
  findScimToken,
  insertScimToken,
  revokeScimToken,
  type ScimTokenRow,
} from './store/tokens.ts';

/** How many connections an organization may have. */
const MAX_CONNECTIONS = 100;
/** How many tokens of a connection may count at once: two while one takes the other's place, and some to spare. */
const MOST_TOKENS = 10;

/** Words of which some stay as they are. */
type PartialWords = { readonly [Word in keyof ConnectionWords]?: ConnectionWords[Word] | undefined };
/** A new connection: what is left out has its default. */
type NewConnection = Pick<ConnectionWords, 'name' | 'strict'> & PartialWords;

const DEFAULTS = { uniqueEmails: false, roleSource: 'app', roleAliases: {} } as const;

/** A token that was just made. */
export interface IssuedToken {
  /** Shown this once. */
  readonly token: string;
  readonly kept: ScimTokenRow;
}

export interface ScimConnectionCommands {
  /** @throws Refusal `forbidden`, `too_many` */
  create(by: Authority, words: NewConnection): Promise<ConnectionId>;
  /** What is undefined stays. @throws Refusal `forbidden`, `not_found`, `role_above_limit` */
  update(by: Authority, id: ConnectionId, words: PartialWords): Promise<void>;
  /**
   * Makes a token with which an identity provider does whatever SCIM does.
   * @param expiresAt ISO 8601
   * @throws Refusal `forbidden`, `not_found`, `too_many`, `in_the_past`
   */
  issue(by: Authority, connection: ConnectionId, expiresAt: string | undefined): Promise<IssuedToken>;
  /**
   * Makes another token; the one before goes on counting for some hours, so that the provider can change over.
   * @throws Refusal as `issue`; `expired` if the one before counts no more
   */
  rotate(
    by: Authority,
    connection: ConnectionId,
    id: string,
    intent: { readonly overlapHours: number; readonly expiresAt: string | undefined },
  ): Promise<IssuedToken & { readonly previousUntil: string }>;
  /** Ends a token within a second (ADR 0008). @throws Refusal `forbidden`, `not_found` */
  revoke(by: Authority, connection: ConnectionId, id: string): Promise<void>;
}

/** Builds the commands about SCIM connections and their tokens. Needs `scim:manage`. */
export function createScimConnectionCommands({
  administer,
}: {
  readonly administer: Administer;
}): ScimConnectionCommands {
  const load = async ({ tx, org, at }: Work, by: Authority, id: ConnectionId): Promise<ConnectionRow> => {
    demandAll(by, 'scim:manage');
    const connection = await findConnection(tx, org, id, at);
    if (connection === undefined) throw noSuchConnection();
    return connection;
  };

  const make = async (
    work: Work,
    by: Authority,
    row: ConnectionRow,
    expiresAt: string | undefined,
  ): Promise<IssuedToken> => {
    const { id: connection, tokens } = row;
    const { tx, org, at, time, newId, note } = work;
    await requireRightsOfChooser(work, by, row);
    if (tokens >= MOST_TOKENS) {
      throw new Refusal('too_many', `This connection has ${MOST_TOKENS} tokens: revoke one first.`);
    }
    if (expiresAt !== undefined && Date.parse(expiresAt) <= time.getTime()) {
      throw new Refusal('in_the_past', 'The end must be in the future.');
    }
    const token = makeToken('scim');
    const id = newId();
    const kept = { id, connection, hash: hashToken(token), last4: lastOf(token), issuedBy: by.rights.id };
    await insertScimToken(tx, org, { ...kept, expiresAt }, at);
    const changes = {
      values: { connection: [null, connection], expiresAt: [null, expiresAt ?? null] },
    } as const;
    note({ action: 'scim.token_issued', target: ['scim_token', id], changes });
    return { token, kept: (await findScimToken(tx, org, connection, id)) as ScimTokenRow };
  };

  return {
    create: (by, given) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, newId, note } = work;
        const words: ConnectionWords = {
          ...DEFAULTS,
          ...definedOf(given),
          name: given.name,
          strict: given.strict,
        };
        demandAll(actor, 'scim:manage');
        if ((await listConnections(tx, org, at)).length >= MAX_CONNECTIONS) {
          throw new Refusal('too_many', `There are ${MAX_CONNECTIONS} connections already.`);
        }
        const id = newId() as ConnectionId;
        const { name, strict, uniqueEmails, roleSource } = words;
        await insertConnection(tx, org, id, name, strict, at);
        await rewriteConnection(tx, org, id, words, await chooserOf(work, actor, words));
        const values = {
          name: [null, name],
          strict: [null, strict],
          ...(uniqueEmails ? { uniqueEmails: [null, true] as const } : {}),
          ...(roleSource === 'app' ? {} : { roleSource: [null, roleSource] as const }),
        } as const;
        note({ action: 'connection.created', target: ['connection', id], changes: { values } });
        return id;
      }),

    update: (by, id, words) =>
      administer.as(by, async (work, actor) => {
        const row = await load(work, actor, id);
        const before = wordsOf(row);
        const after = { ...before, ...definedOf(words) };
        const changed = changedWords(before, after);
        const isAccount = actor.actor.type === 'service_account';
        // A person who sends the same role source again makes their own rights the limit; a service account has none.
        const choosesRoles = isAccount
          ? 'roleSource' in changed || 'roleAliases' in changed
          : words.roleSource !== undefined || words.roleAliases !== undefined;
        const chooser = choosesRoles
          ? await chooserOf(work, actor, after)
          : (row.role_source_set_by ?? undefined);
        const values = {
          ...changed,
          ...(chooser === (row.role_source_set_by ?? undefined)
            ? {}
            : { roleSourceSetBy: [row.role_source_set_by, chooser ?? null] as const }),
        };
        if (Object.keys(values).length === 0) return;
        await rewriteConnection(work.tx, work.org, id, after, chooser);
        work.note({ action: 'connection.updated', target: ['connection', id], changes: { values } });
      }),

    issue: (by, connection, expiresAt) =>
      administer.as(by, async (work, actor) =>
        make(work, actor, await load(work, actor, connection), expiresAt),
      ),

    rotate: (by, id, token, { overlapHours, expiresAt }) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, time, note } = work;
        const connection = await load(work, actor, id);
        const before = await findScimToken(tx, org, id, token);
        if (before === undefined) throw noSuchToken();
        const ends = before.expires_at === null ? undefined : Date.parse(before.expires_at);
        if (before.revoked_at !== null || (ends !== undefined && ends <= time.getTime())) {
          throw new Refusal('expired', 'This token is revoked or expired: issue another one.');
        }
        const overlap = new Date(time.getTime() + overlapHours * 3_600_000).toISOString();
        const issued = await make(work, actor, connection, expiresAt);
        const previousUntil = await expireScimToken(tx, org, token, overlap);
        if (previousUntil === undefined) throw noSuchToken();
        const values = {
          token: [token, issued.kept.id],
          expiresAt: [before.expires_at, previousUntil],
        } as const;
        note({ action: 'scim.token_rotated', target: ['scim_token', token], changes: { values } });
        return { ...issued, previousUntil };
      }),

    revoke: (by, id, token) =>
      administer.as(by, async (work, actor) => {
        await load(work, actor, id);
        if (!(await revokeScimToken(work.tx, work.org, id, token, work.at))) throw noSuchToken();
        work.note({ action: 'scim.token_revoked', target: ['scim_token', token] });
      }),
  };
}

function wordsOf(row: ConnectionRow): ConnectionWords {
  return {
    name: row.name,
    strict: row.strict,
    uniqueEmails: row.unique_emails,
    roleSource: row.role_source,
    roleAliases: row.role_aliases,
  };
}

function definedOf(words: PartialWords): Partial<ConnectionWords> {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
}

/** What differs, before and after. */
function changedWords(before: ConnectionWords, after: ConnectionWords) {
  const names = Object.keys(after) as (keyof ConnectionWords)[];
  return Object.fromEntries(
    names
      .filter((name) => plain(before[name]) !== plain(after[name]))
      .map((name) => [name, [plain(before[name]), plain(after[name])] as const]),
  );
}

const plain = (value: ConnectionWords[keyof ConnectionWords]): string | boolean =>
  typeof value === 'object' ? JSON.stringify(Object.entries(value).sort()) : value;

export const noSuchConnection = () => notFound('scim_connection');
const noSuchToken = () => notFound('scim_token');
