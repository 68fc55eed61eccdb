import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { insertConnection } from '../directory/organizations/store/organizations.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { insertJob } from '../jobs/store/insert.ts';
import { hashToken, lastOf, makeToken } from '../platform/opaque-token.ts';
import { HOUR_MS } from '../platform/time.ts';
import { requireRightsOfChooser, roleSourceChooser } from './role-source.ts';
import {
  type ConnectionInput,
  findConnection,
  listConnections,
  rewriteConnection,
  type ScimConnection,
  writeMassChangesAllowed,
} from './store/connections.ts';
import { markRemoved } from './store/release.ts';
import {
  expireScimToken,
  findScimToken,
  insertScimToken,
  revokeScimToken,
  type ScimToken,
} from './store/tokens.ts';

export const RELEASE_JOB = 'release_connection';

/** How many connections an organization may have. */
const MAX_CONNECTIONS = 100;
/** How many tokens of a connection may be valid: two during a rotation, and some to spare. */
const MOST_TOKENS = 10;

/** Words of which some stay as they are. */
type PartialInput = { readonly [Word in keyof ConnectionInput]?: ConnectionInput[Word] | undefined };
/** A new connection: what is left out has its default. */
type NewConnection = Pick<ConnectionInput, 'name' | 'strict'> & PartialInput;

const DEFAULTS = {
  uniqueEmails: false,
  roleSource: 'app',
  roleAliases: {},
  holdMassChanges: false,
  dryRun: false,
} as const;

/** A token that was just made. */
export interface IssuedToken {
  /** Shown this once. */
  readonly token: string;
  readonly kept: ScimToken;
}

export interface ScimConnectionCommands {
  /** @throws DomainError `forbidden`, `too_many` */
  create(by: Authority, words: NewConnection): Promise<ConnectionId>;
  /** What is undefined stays. @throws DomainError `forbidden`, `not_found`, `role_above_limit` */
  update(by: Authority, id: ConnectionId, words: PartialInput): Promise<void>;
  /**
   * Lets a connection that holds mass changes make one, for some minutes from now.
   * @returns until when, ISO 8601
   * @throws DomainError `forbidden`, `not_found`, `step_up_required`
   */
  allowMassChange(by: Authority, id: ConnectionId, minutes: number): Promise<string>;
  /**
   * Makes a token with which an identity provider does whatever SCIM does.
   * @param expiresAt ISO 8601
   * @throws DomainError `forbidden`, `not_found`, `too_many`, `in_the_past`
   */
  issue(by: Authority, connection: ConnectionId, expiresAt: string | undefined): Promise<IssuedToken>;
  /**
   * Issues another token; the previous one stays valid for some hours, so that the provider can switch.
   * @throws DomainError as `issue`; `expired` if the previous one is no longer valid
   */
  rotate(
    by: Authority,
    connection: ConnectionId,
    id: string,
    intent: { readonly overlapHours: number; readonly expiresAt: string | undefined },
  ): Promise<IssuedToken & { readonly previousUntil: string }>;
  /** Ends a token within a second (ADR 0008). @throws DomainError `forbidden`, `not_found` */
  revoke(by: Authority, connection: ConnectionId, id: string): Promise<void>;
  /**
   * Ends provisioning through a connection: its tokens at once; then its users and groups are released, who stay as they
   * are. Single sign-on through it stays.
   * @throws DomainError `forbidden`, `not_found`, `step_up_required`
   */
  remove(by: Authority, id: ConnectionId): Promise<void>;
}

/** Builds the commands about SCIM connections and their tokens. Needs `scim:manage`. */
export function createScimConnectionCommands({
  runner,
}: {
  readonly runner: CommandRunner;
}): ScimConnectionCommands {
  const load = async (
    { tx, org, at }: CommandContext,
    by: Authority,
    id: ConnectionId,
  ): Promise<ScimConnection> => {
    requireWholeOrganization(by, 'scim:manage');
    const connection = await findConnection(tx, org, id, at);
    if (connection === undefined) throw scimConnectionNotFound();
    return connection;
  };

  const make = async (
    context: CommandContext,
    by: Authority,
    row: ScimConnection,
    expiresAt: string | undefined,
  ): Promise<IssuedToken> => {
    const { id: connection, tokens } = row;
    const { tx, org, at, time, newId, recordEvent } = context;
    await requireRightsOfChooser(context, by, row);
    if (tokens >= MOST_TOKENS) {
      throw new DomainError('too_many', `This connection has ${MOST_TOKENS} tokens: revoke one first.`);
    }
    if (expiresAt !== undefined && Date.parse(expiresAt) <= time.getTime()) {
      throw new DomainError('in_the_past', 'The end must be in the future.');
    }
    const token = makeToken('scim');
    const id = newId();
    const kept = { id, connection, hash: hashToken(token), last4: lastOf(token), issuedBy: by.rights.id };
    await insertScimToken(tx, org, { ...kept, expiresAt }, at);
    const changes = {
      values: { connection: [null, connection], expiresAt: [null, expiresAt ?? null] },
    } as const;
    recordEvent({ action: 'scim.token_issued', target: ['scim_token', id], changes });
    return { token, kept: (await findScimToken(tx, org, connection, id)) as ScimToken };
  };

  return {
    create: (by, given) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, newId, recordEvent } = context;
        const words: ConnectionInput = {
          ...DEFAULTS,
          ...definedOf(given),
          name: given.name,
          strict: given.strict,
        };
        requireWholeOrganization(actor, 'scim:manage');
        if ((await listConnections(tx, org, at)).length >= MAX_CONNECTIONS) {
          throw new DomainError('too_many', `There are ${MAX_CONNECTIONS} connections already.`);
        }
        const id = newId() as ConnectionId;
        const { name, strict, uniqueEmails, roleSource, holdMassChanges, dryRun } = words;
        await insertConnection(tx, org, id, name, strict, at);
        await rewriteConnection(tx, org, id, words, await roleSourceChooser(context, actor, words), at);
        const values = {
          name: [null, name],
          strict: [null, strict],
          ...(holdMassChanges ? { holdMassChanges: [null, true] as const } : {}),
          ...(dryRun ? { dryRun: [null, true] as const } : {}),
          ...(uniqueEmails ? { uniqueEmails: [null, true] as const } : {}),
          ...(roleSource === 'app' ? {} : { roleSource: [null, roleSource] as const }),
        } as const;
        recordEvent({ action: 'connection.created', target: ['connection', id], changes: { values } });
        return id;
      }),

    update: (by, id, words) =>
      runner.runAs(by, async (context, actor) => {
        const row = await load(context, actor, id);
        const before = wordsOf(row);
        const after = { ...before, ...definedOf(words) };
        const changed = changedInput(before, after);
        const isAccount = actor.actor.type === 'service_account';
        // A user who sends the same role source again makes their own rights the limit; a service account has none.
        const choosesRoles = isAccount
          ? 'roleSource' in changed || 'roleAliases' in changed
          : words.roleSource !== undefined || words.roleAliases !== undefined;
        const chooser = choosesRoles
          ? await roleSourceChooser(context, actor, after)
          : (row.roleSourceSetBy ?? undefined);
        const values = {
          ...changed,
          ...(chooser === (row.roleSourceSetBy ?? undefined)
            ? {}
            : { roleSourceSetBy: [row.roleSourceSetBy, chooser ?? null] as const }),
        };
        if (Object.keys(values).length === 0) return;
        await rewriteConnection(context.tx, context.org, id, after, chooser, context.at);
        context.recordEvent({
          action: 'connection.updated',
          target: ['connection', id],
          changes: { values },
        });
      }),

    allowMassChange: (by, id, minutes) =>
      runner.runProven(by, async (context, actor) => {
        const { tx, org, time, recordEvent } = context;
        const row = await load(context, actor, id);
        const until = new Date(time.getTime() + minutes * 60_000).toISOString();
        await writeMassChangesAllowed(tx, org, id, until);
        recordEvent({
          action: 'connection.mass_change_allowed',
          target: ['connection', id],
          changes: { values: { until: [row.massChangesUntil, until] } },
        });
        return until;
      }),

    issue: (by, connection, expiresAt) =>
      runner.runProven(by, async (context, actor) =>
        make(context, actor, await load(context, actor, connection), expiresAt),
      ),

    rotate: (by, id, token, { overlapHours, expiresAt }) =>
      runner.runProven(by, async (context, actor) => {
        const { tx, org, time, recordEvent } = context;
        const connection = await load(context, actor, id);
        const before = await findScimToken(tx, org, id, token);
        if (before === undefined) throw tokenNotFound();
        const ends = before.expiresAt === null ? undefined : Date.parse(before.expiresAt);
        if (before.revokedAt !== null || (ends !== undefined && ends <= time.getTime())) {
          throw new DomainError('expired', 'This token is revoked or expired: issue another one.');
        }
        const overlap = new Date(time.getTime() + overlapHours * HOUR_MS).toISOString();
        const issued = await make(context, actor, connection, expiresAt);
        const previousUntil = await expireScimToken(tx, org, token, overlap);
        if (previousUntil === undefined) throw tokenNotFound();
        const values = {
          token: [token, issued.kept.id],
          expiresAt: [before.expiresAt, previousUntil],
        } as const;
        recordEvent({ action: 'scim.token_rotated', target: ['scim_token', token], changes: { values } });
        return { ...issued, previousUntil };
      }),

    revoke: (by, id, token) =>
      runner.runAs(by, async (context, actor) => {
        await load(context, actor, id);
        if (!(await revokeScimToken(context.tx, context.org, id, token, context.at))) throw tokenNotFound();
        context.recordEvent({ action: 'scim.token_revoked', target: ['scim_token', token] });
      }),

    remove: (by, id) =>
      runner.runProven(by, async (context, actor) => {
        const { tx, org, at, newId, recordEvent } = context;
        const { name } = await load(context, actor, id);
        await markRemoved(tx, org, id, at);
        await insertJob(tx, { id: newId(), org, kind: RELEASE_JOB, payload: { org, id } });
        recordEvent({
          action: 'connection.deleted',
          target: ['connection', id],
          changes: { values: { name: [name, null] } },
        });
      }),
  };
}

function wordsOf(row: ScimConnection): ConnectionInput {
  return {
    name: row.name,
    strict: row.strict,
    uniqueEmails: row.uniqueEmails,
    roleSource: row.roleSource,
    roleAliases: row.roleAliases,
    holdMassChanges: row.holdMassChanges,
    dryRun: row.dryRunSince !== null,
  };
}

function definedOf(words: PartialInput): Partial<ConnectionInput> {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
}

/** What differs, before and after. */
function changedInput(before: ConnectionInput, after: ConnectionInput) {
  const names = Object.keys(after) as (keyof ConnectionInput)[];
  return Object.fromEntries(
    names
      .filter((name) => plain(before[name]) !== plain(after[name]))
      .map((name) => [name, [plain(before[name]), plain(after[name])] as const]),
  );
}

const plain = (value: ConnectionInput[keyof ConnectionInput]): string | boolean =>
  typeof value === 'object' ? JSON.stringify(Object.entries(value).sort()) : value;

export const scimConnectionNotFound = () => notFound('scim_connection');
const tokenNotFound = () => notFound('scim_token');
