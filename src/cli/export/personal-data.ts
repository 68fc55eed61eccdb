import type { UserId } from '../../directory/ids.ts';
import { collectExport } from '../../exports/collect.ts';
import { createExportCommands } from '../../exports/commands.ts';
import { type AdministratorSession, loadUserDependencies } from '../administrator.ts';
import { writeOutput } from '../files.ts';

/**
 * Writes everything that is stored about a user to a zip, as REST's export does, without waiting for a server to make
 * it.
 * @returns how many bytes it has
 * @throws DomainError `not_found`, `forbidden`, `export_running`; CommandError if the file cannot be written
 */
export async function exportPersonalData(
  session: AdministratorSession,
  user: UserId,
  path: string,
): Promise<number> {
  const { db, by, now } = session;
  const exports = createExportCommands(await loadUserDependencies(session));
  const id = await exports.begin(by, user);
  await collectExport(db, { org: by.org, id, user }, now().toISOString());
  const { zip } = await exports.file(by, id);
  await writeOutput(path, [zip]);
  return zip.byteLength;
}
