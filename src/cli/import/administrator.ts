import type { Authority } from '../../directory/authority.ts';
import { findAuthority } from '../../directory/find-authority.ts';
import type { OrgId, UserId } from '../../directory/ids.ts';
import { caseKey } from '../../directory/rules/keys.ts';
import { findHolders } from '../../directory/store/imports.ts';
import { listOwners } from '../../directory/store/organizations.ts';
import type { Database } from '../../platform/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { CommandError, UsageError } from '../command.ts';
import { chooseOrganization } from '../organization.ts';

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
