import { runDry, withoutRepeats } from '../directory/dry-run.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, scopeOf } from '../directory/roles/authority.ts';
import { type MovedUser, type RoleReport, reportRoles } from '../directory/roles/role-report.ts';
import { knownRoleOf } from '../directory/roles/rules/provisioned-roles.ts';
import { compareRoles } from '../directory/roles/rules/roles.ts';
import { findRights } from '../directory/roles/store.ts';
import { totalsInWords } from '../directory/rules/role-effects.ts';
import { roleRefusal } from '../directory/users/provisioned-role.ts';
import type { Role } from '../directory/users/user.ts';
import { TRAINING_ITEM } from '../onboarding/rules.ts';
import { findDoers } from '../onboarding/store/checklists.ts';
import type { Database } from '../platform/db/database.ts';
import { createScimConnectionCommands } from './commands.ts';
import type { RoleAliases, RoleSource } from './settings.ts';
import {
  findConnection,
  findLinkedRoles,
  type LinkedRole,
  type ScimConnection,
} from './store/connections.ts';

/** What another role source or other aliases would do to the users of a connection (R153). */
export interface RoleSourcePreview extends RoleReport {
  readonly sentence: string;
  /** Users who were looked at. */
  readonly users: number;
  /** Whether the connection has more. */
  readonly isAtLeast: boolean;
  /** Of those the ones for whom the directory has sent no role yet. */
  readonly withoutRoles: number;
  /** Of those the ones whose roles would be refused, because they mean no role or one above the limit. */
  readonly refused: number;
}

const MOST_USERS = 20_000;

/**
 * Builds the dry run of a connection's role source: the command that saves it, rolled back, and for each of its users the
 * role that the directory sent last.
 */
export function createRoleSourcePreview(given: { readonly db: Database; readonly now: () => Date }) {
  /** @throws DomainError as the command that changes the connection */
  return (
    caller: Authority,
    id: ConnectionId,
    words: {
      readonly roleSource?: RoleSource | undefined;
      readonly roleAliases?: RoleAliases | undefined;
    },
  ): Promise<RoleSourcePreview> =>
    runDry(given, caller.org, async (dry) => {
      const by = withoutRepeats(caller);
      const at = given.now().toISOString();
      await createScimConnectionCommands(dry).update(by, id, words);
      const connection = (await findConnection(dry.db, by.org, id, at)) as ScimConnection;
      const follows = connection.roleSource === 'scim_roles';
      const found = follows ? await findLinkedRoles(dry.db, by.org, id, MOST_USERS + 1) : [];
      const users = found.slice(0, MOST_USERS);
      const sorted = await sortOut(dry.db, by, connection, users, at);
      const report = await reportRoles(dry.db, by.org, sorted.moved, at);
      return {
        ...report,
        people: scopeOf(by, 'users:read') === 'all' ? report.people : [],
        sentence: sentenceOf(follows, report),
        users: users.length,
        isAtLeast: found.length > MOST_USERS,
        withoutRoles: sorted.withoutRoles,
        refused: sorted.refused,
      };
    });
}

function sentenceOf(follows: boolean, { roles }: RoleReport): string {
  if (!follows) return 'Roles stay as they are and are set here. Nothing was saved.';
  const effects = totalsInWords(roles);
  return `${effects === '' ? 'No one’s role would change' : `When the directory sends its users again, ${effects}`}. Nothing was saved.`;
}

interface SortedUsers {
  readonly moved: readonly MovedUser[];
  readonly withoutRoles: number;
  readonly refused: number;
}

/** Which roles the directory's last words mean, as `permittedRole` decides when it sends them again. */
async function sortOut(
  db: Database,
  { org }: Authority,
  { roleAliases: aliases, roleSourceSetBy: chooser }: ScimConnection,
  users: readonly LinkedRole[],
  at: string,
): Promise<SortedUsers> {
  const { settings } = await findSettings(db, org);
  const rights = chooser === null ? undefined : await findRights(db, org, chooser, at);
  const meant = users.map((user) => ({ ...user, next: meaningOf(user, aliases) }));
  const changing = meant.flatMap(({ next, ...user }) =>
    next === undefined || next === user.role ? [] : [{ ...user, next }],
  );
  const permitted = changing.filter(
    ({ next: to, owner }) => roleRefusal(rights, settings, { to, owner }) === undefined,
  );
  const more = permitted.filter(({ role, next }) => compareRoles(next, role) > 0).map((each) => each.id);
  const trained = settings.trainingRequired ? await findDoers(db, org, more, TRAINING_ITEM) : new Set(more);
  const waits = new Set(more.filter((id) => !trained.has(id)));
  return {
    moved: permitted
      .filter(({ id }) => !waits.has(id))
      .map(({ id, role, next }) => ({
        id,
        role: next,
        because: `The role that the directory sent last means ${next}; it is ${role} now.`,
      })),
    withoutRoles: users.filter(({ roles }) => roles === null).length,
    refused:
      changing.length -
      permitted.length +
      meant.filter(({ roles, next }) => roles !== null && next === undefined).length,
  };
}

/** The role that the directory's words mean; undefined if it sent none, or one that means nothing. */
const meaningOf = ({ roles }: LinkedRole, aliases: RoleAliases): Role | undefined =>
  roles === null ? undefined : knownRoleOf({ roles: JSON.parse(roles) }, aliases);
