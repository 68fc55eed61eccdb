import type { Authority } from '../../directory/authority.ts';
import { findAuthority } from '../../directory/find-authority.ts';
import type { OrgId, UserId } from '../../directory/ids.ts';
import { caseKey } from '../../directory/rules/keys.ts';
import { findHolders } from '../../directory/store/imports.ts';
import { listOrganizations, listOwners } from '../../directory/store/organizations.ts';
import type { Database } from '../../platform/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { CommandError, UsageError } from '../command.ts';

/**
 * In whose name to import, with their rights: those of `--as`, else of the organization's only owner.
 * @param org an id or a name; needed where there are several organizations
 * @throws UsageError, which says whom one may choose; CommandError
 */
export async function chooseAdministrator(
  db: Database,
  org: string | undefined,
  email: string | undefined,
): Promise<{ readonly by: Authority; readonly organization: string; readonly email: string }> {
  const { id, name } = await chooseOrganization(db, org);
  const person = await choosePerson(db, id, name, email);
  const actor = { type: 'user', id: person.id, via: 'cli' } as const;
  const by = await findAuthority(
    db,
    id,
    { user: person.id, origin: { actor, requestId: uuidv7() }, scopes: null },
    'imports:run',
    new Date().toISOString(),
  );
  if (by === undefined) throw new CommandError(`${person.email} is no active administrator of ${name}.`);
  return { by, organization: name, email: person.email };
}

async function chooseOrganization(db: Database, wanted: string | undefined) {
  const all = await listOrganizations(db);
  const [first] = all;
  if (first === undefined) {
    throw new CommandError('There is no organization yet: rollcall init makes one.');
  }
  const names = all.map(({ id, name }) => `  ${name} (${id})`).join('\n');
  if (wanted === undefined) {
    if (all.length === 1) return first;
    throw new UsageError(`There are several organizations: name one with --org.\n${names}`);
  }
  const found = all.filter(
    ({ id, name }) => id === wanted.toLowerCase() || caseKey(name) === caseKey(wanted),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const several = found.length > 1;
  throw new UsageError(
    `${several ? `Several organizations are called "${wanted}": give the id` : `There is no organization "${wanted}"`}.\n${names}`,
  );
}

async function choosePerson(db: Database, org: OrgId, name: string, email: string | undefined) {
  if (email !== undefined) {
    const key = caseKey(email.trim());
    const id: UserId | undefined = (await findHolders(db, org, [key])).get(key);
    if (id === undefined) throw new CommandError(`Nobody in ${name} has the address ${email}.`);
    return { id, email };
  }
  const owners = await listOwners(db, org);
  const [only] = owners;
  if (only !== undefined && owners.length === 1) return only;
  const listed = owners.map((owner) => `  ${owner.email}`).join('\n');
  throw new UsageError(`Say with --as in whose name to import, such as an owner of ${name}.\n${listed}`);
}
