import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { findOrganizationName } from '../directory/organizations/store/organizations.ts';
import type { Authority, SetUpLinkGrant } from '../directory/roles/authority.ts';
import { forbidden } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import { hashToken, makeOpaqueToken, makeToken } from '../platform/opaque-token.ts';
import { DAY_MS } from '../platform/time.ts';
import {
  insertLink,
  listLinks,
  openLink,
  revokeLink,
  type SetUpKind,
  type SetUpLinkRow,
  useTestCode,
  writeTestCode,
} from './store.ts';

export type { SetUpKind, SetUpLinkRow } from './store.ts';

/** How long a link works. */
const DAYS = 7;
/** Links of one connection that may work at once. */
const MOST_LINKS = 5;
/** How long the address of a test sign-in works. */
const TEST_MINUTES = 10;

/** Checks that the caller may administer a connection. @throws DomainError `forbidden`, `not_found` */
export type RequireConnection = (by: Authority, connection: ConnectionId) => Promise<unknown>;

export interface SetUpLinkCommands {
  /**
   * Makes a link for one connection; its holder sets up that connection in the name of the caller.
   * @returns with the token, which is shown this once
   * @throws DomainError `forbidden`, `not_found`, `too_many`, `step_up_required`
   */
  create(
    by: Authority,
    kind: SetUpKind,
    connection: ConnectionId,
    input: { readonly label: string; readonly mayActivate: boolean },
  ): Promise<{ readonly token: string; readonly link: SetUpLinkRow }>;
  /** The newest first. @throws DomainError `forbidden`, `not_found` */
  list(by: Authority, kind: SetUpKind, connection: ConnectionId): Promise<readonly SetUpLinkRow[]>;
  /** Ends a link with its next request. @throws DomainError `forbidden`, `not_found` */
  revoke(by: Authority, kind: SetUpKind, connection: ConnectionId, id: string): Promise<void>;
  /** Notes the first use of a link. @returns the name of the organization */
  open(by: Authority): Promise<string>;
  /** A code with which a browser without a session begins one test sign-in, within ten minutes. */
  beginTest(by: Authority): Promise<string>;
  /** Uses such a code up. @returns false if it is none of this connection */
  useTest(
    connection: { readonly org: Authority['org']; readonly id: ConnectionId },
    code: string,
  ): Promise<boolean>;
}

/** Builds the commands about set-up links (R154). */
export function createSetUpLinkCommands({
  db,
  now,
  runner,
  require,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly require: Readonly<Record<SetUpKind, RequireConnection>>;
}): SetUpLinkCommands {
  /** The link among those of the connection, whatever became of it. */
  const find = async (
    { tx, org }: CommandContext,
    kind: SetUpKind,
    connection: ConnectionId,
    id: string,
  ): Promise<SetUpLinkRow> => {
    const found = (await listLinks(tx, org, kind, connection)).find((link) => link.id === id);
    if (found === undefined) throw notFound('set_up_link');
    return found;
  };

  return {
    create: async (by, kind, connection, { label, mayActivate }) => {
      await require[kind](by, connection);
      return runner.runProven(by, async (context, actor) => {
        // A link of a link, or of a program, would outlive the administrator who is responsible for it.
        if (actor.actor.type !== 'user') throw forbidden();
        await require[kind](actor, connection);
        const { tx, org, at, time, newId, recordEvent } = context;
        const working = (await listLinks(tx, org, kind, connection)).filter(
          ({ revokedAt, expiresAt }) => revokedAt === null && Date.parse(expiresAt) > time.getTime(),
        );
        if (working.length >= MOST_LINKS) {
          throw new DomainError('too_many', `This connection has ${MOST_LINKS} links: revoke one first.`);
        }
        const token = makeToken('setup');
        const id = newId();
        const expiresAt = new Date(time.getTime() + DAYS * DAY_MS).toISOString();
        const link = { id, kind, connection, label, mayActivate, creator: actor.rights.id, createdAt: at };
        await insertLink(tx, org, { ...link, hash: hashToken(token), expiresAt });
        recordEvent({
          action: 'set_up_link.created',
          target: ['set_up_link', id],
          member: connection,
          changes: {
            values: { label: [null, label], mayActivate: [null, mayActivate], expiresAt: [null, expiresAt] },
          },
        });
        return { token, link: await find(context, kind, connection, id) };
      });
    },

    list: async (by, kind, connection) => {
      await require[kind](by, connection);
      return listLinks(db, by.org, kind, connection);
    },

    revoke: async (by, kind, connection, id) => {
      await require[kind](by, connection);
      await runner.runAs(by, async (context, actor) => {
        await require[kind](actor, connection);
        const { tx, org, at, recordEvent } = context;
        await find(context, kind, connection, id);
        if (!(await revokeLink(tx, org, id, at))) return;
        recordEvent({ action: 'set_up_link.revoked', target: ['set_up_link', id], member: connection });
      });
    },

    open: async (by) => {
      const { id, connection, isOpened } = requireLink(by);
      if (!isOpened) {
        await runner.runAs(by, async ({ tx, org, at, recordEvent }) => {
          if (!(await openLink(tx, org, id, at))) return;
          recordEvent({ action: 'set_up_link.opened', target: ['set_up_link', id], member: connection });
        });
      }
      return findOrganizationName(db, by.org);
    },

    beginTest: async (by) => {
      const { id } = requireLink(by);
      const code = makeOpaqueToken();
      await runner.runAs(by, async ({ tx, org, time }) => {
        const until = new Date(time.getTime() + TEST_MINUTES * 60_000).toISOString();
        await writeTestCode(tx, org, id, hashToken(code), until);
      });
      return code;
    },

    useTest: ({ org, id }, code) => useTestCode(db, org, id, hashToken(code), now().toISOString()),
  };
}

/** The link by which the caller is here. @throws DomainError `forbidden` if there is none, or of the other kind */
export function requireLink({ setUpLink }: Authority, kind?: SetUpKind): SetUpLinkGrant {
  if (setUpLink === undefined) throw forbidden();
  if (kind !== undefined && setUpLink.kind !== kind) {
    throw forbidden(
      kind === 'sso'
        ? 'This link is for provisioning: ask for one for single sign-on.'
        : 'This link is for single sign-on: ask for one for provisioning.',
    );
  }
  return setUpLink;
}
