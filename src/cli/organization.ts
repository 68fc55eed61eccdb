import type { OrgId } from '../directory/ids.ts';
import { listOrganizations } from '../directory/organizations/store/organizations.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { Database } from '../platform/db/database.ts';
import { CommandError, UsageError } from './command.ts';
import { isDemoOrganization } from './demo/organizations.ts';

/**
 * The organization that a command is about.
 * @param wanted its id or name; needed where there are several besides those of demos
 * @throws UsageError, which lists them; CommandError if it does not exist
 */
export async function chooseOrganization(
  db: Database,
  wanted: string | undefined,
): Promise<{ readonly id: OrgId; readonly name: string }> {
  const all = await listOrganizations(db);
  const [first] = all;
  if (first === undefined) {
    throw new CommandError('There is no organization yet: rollcall init creates one.');
  }
  const names = all.map(({ id, name }) => `  ${name} (${id})`).join('\n');
  if (wanted === undefined) {
    const real = all.filter(({ name, isDemonstration }) => !isDemonstration && !isDemoOrganization(name));
    const [only = first] = real;
    if (real.length === 1 || all.length === 1) return only;
    throw new UsageError(`There are several organizations: name one with --org.\n${names}`);
  }
  const found = all.filter(
    ({ id, name }) => id === wanted.toLowerCase() || caseKey(name) === caseKey(wanted),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const several = found.length > 1;
  throw new UsageError(
    `${several ? `Several organizations are called "${wanted}": give the id with --org` : `Organization not found: ${wanted}`}.\n${names}`,
  );
}
