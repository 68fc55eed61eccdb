import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { type Authority, reach, scopeOf } from '../directory/roles/authority.ts';
import { mayRead, requirePermission, userNotFound } from '../directory/roles/rules/guards.ts';
import { requireRecentProof } from '../directory/roles/rules/recent-proof.ts';
import { findRights } from '../directory/roles/store.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { insertJob } from '../jobs/store/insert.ts';
import type { Links } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { HOUR_MS } from '../platform/time.ts';
import { readDownloadToken, writeDownloadToken } from './download-links.ts';
import { type Export, findExport, insertExport, readExportFile, wasDeactivatedSince } from './store.ts';

export type { Export } from './store.ts';

/** How long an export is kept, and a link to it works. */
const HOURS = 24;
export const EXPORT_JOB = 'export_person';

/** An export with its zip. */
export interface ExportFile {
  readonly made: Export;
  readonly zip: Buffer;
}

export interface ExportCommands {
  /**
   * Begins to collect what is kept of a user (R125).
   * @throws DomainError `step_up_required`, `export_running`, `not_found`, `forbidden`
   */
  begin(by: Authority, user: UserId): Promise<string>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<Export>;
  /** @throws DomainError `not_found`, also while it is being made */
  file(by: Authority, id: string): Promise<ExportFile>;
  /** An address that needs no session, until the export expires; undefined while the export is being made. */
  link(by: Authority, row: Export): string | undefined;
  /**
   * The zip, for the bearer of the link, while the user who created the link may still export. A link from before their
   * deactivation does not come back with them.
   * @throws DomainError `not_found`, whatever the reason
   */
  follow(token: string): Promise<ExportFile>;
}

/** Builds the commands about exports of personal data. */
export function createExportCommands({
  db,
  now,
  runner,
  seal,
  links,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly links: Links;
}): ExportCommands {
  const get: ExportCommands['get'] = async (by, id) => {
    const row = await findExport(db, by.org, id, now().toISOString());
    const mine = row !== undefined && (row.user === by.rights.id || scopeOf(by, 'users:export') === 'all');
    if (row === undefined || !mine) throw exportNotFound();
    return row;
  };

  return {
    get,

    begin: (by, user) =>
      runner.runAs(by, async (context, actor) =>
        beginExportWithin(context, actor, await loadDirectoryUser(context, user)),
      ),

    file: async (by, id) => {
      const made = await get(by, id);
      const zip = made.state === 'done' ? await readExportFile(db, by.org, id) : undefined;
      if (zip === undefined)
        throw new DomainError('not_found', 'The export is still being made: ask again in a moment.');
      return { made, zip };
    },

    link: (by, { id, state, expiresAt }) =>
      state === 'done'
        ? links.exportDownload(
            writeDownloadToken(seal, {
              org: by.org,
              id,
              by: by.rights.id,
              expiresAt,
              madeAt: now().toISOString(),
            }),
          )
        : undefined,

    follow: async (token) => {
      const time = now();
      const download = readDownloadToken(seal, token, time);
      if (download === undefined) throw downloadNotFound();
      const { org, id, by, madeAt } = download;
      const [row, rights, wasDeactivated] = await Promise.all([
        findExport(db, org, id, time.toISOString()),
        findRights(db, org, by, time.toISOString()),
        wasDeactivatedSince(db, org, by, madeAt),
      ]);
      if (row === undefined || rights === undefined || wasDeactivated) throw downloadNotFound();
      // Users deleted or erased meanwhile are not exported.
      if ((await findRights(db, org, row.user, time.toISOString())) === undefined) throw downloadNotFound();
      const scope = reach(rights, 'users:export');
      if (scope !== 'all' && !(scope === 'self' && row.user === by)) throw downloadNotFound();
      const zip = await readExportFile(db, org, id);
      if (zip === undefined) throw downloadNotFound();
      return { made: row, zip };
    },
  };
}

/**
 * Begins an export in a command's transaction.
 * @throws DomainError `step_up_required`, `export_running`, `not_found`, `forbidden`
 */
export async function beginExportWithin(
  { tx, org, at, time, newId, recordEvent }: CommandContext,
  by: Authority,
  user: DirectoryUser,
): Promise<string> {
  requireRecentProof(by, time);
  if (!mayRead(by, 'users:read', user)) throw userNotFound();
  if (requirePermission(by, 'users:export') !== 'all' && user.id !== by.rights.id) throw userNotFound();
  const id = newId();
  const expiresAt = new Date(time.getTime() + HOURS * HOUR_MS).toISOString();
  if (!(await insertExport(tx, org, { id, user: user.id, requestedBy: by.rights.id, expiresAt }, at))) {
    throw new DomainError('export_running', 'An export of this user is being made: wait for it.', 5);
  }
  await insertJob(tx, { id: newId(), org, kind: EXPORT_JOB, payload: { org, id, user: user.id } });
  recordEvent({ action: 'user.exported', target: ['user', user.id] });
  return id;
}

const exportNotFound = () => notFound('export');

const downloadNotFound = () =>
  new DomainError('not_found', 'This download link does not work, or has expired: request the export again.');
