import { stringify } from 'csv-stringify/sync';
import { strToU8, type Zippable, zipSync } from 'fflate';
import type { OrgId, UserId } from '../directory/ids.ts';
import { findDirectoryUser, findProfile } from '../directory/users/store/users.ts';
import { guardCell } from '../platform/csv-cell.ts';
import type { Database } from '../platform/db/database.ts';
import { EXPORTED_TABLES, finishExport, readExportedTable } from './store.ts';

/**
 * Collects what is kept of a user into a zip: one JSON of everything, and each table as CSV (R125). Of a user
 * who was erased meanwhile there is nothing left to collect.
 */
export async function collectExport(
  db: Database,
  { org, id, user }: { readonly org: OrgId; readonly id: string; readonly user: UserId },
  now: string,
): Promise<void> {
  const directoryUser = await findDirectoryUser(db, org, user, now);
  const stored = await findProfile(db, org, user);
  if (directoryUser === undefined || stored === undefined) return;
  const { groupRoles: _, elevations: __, ...account } = directoryUser;
  const whole: Record<string, unknown> = {
    exportedAt: now,
    account: { ...account, profile: stored.profile },
  };
  const files: Zippable = {};
  for (const table of EXPORTED_TABLES) {
    const rows = await readExportedTable(db, org, user, table);
    whole[table] = rows;
    files[`${table}.csv`] = strToU8(stringify(rows.map(asCells), { header: true, bom: true }));
  }
  files['person.json'] = strToU8(`${JSON.stringify(whole, undefined, 2)}\n`);
  await finishExport(db, org, id, zipSync(files));
}

function asCells(row: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      guardCell(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')),
    ]),
  );
}
