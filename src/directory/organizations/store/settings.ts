import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId } from '../../ids.ts';
import { readSettings, type Settings } from '../settings.ts';

const defaults = readSettings({});
type NumericSetting = 'autoUnlockMinutes' | 'sessionIdleMinutes' | 'sessionMaxHours' | 'purgeAfterDays';

/** A setting in SQL, with its default where the organization has set none; `o` is organizations. */
export const settingSql = (name: NumericSetting) =>
  `coalesce((o.settings ->> '${name}')::int, ${defaults[name] ?? 'null'})`;

const byOrg: Statement = {
  name: 'settings-by-organization',
  text: 'select name as organization, settings, settings_version as version from organizations where id = $1',
};

export interface StoredSettings {
  readonly organization: string;
  readonly settings: Settings;
  readonly version: number;
}

/** The settings of an organization, and its name. */
export async function findSettings(db: Executor, org: OrgId): Promise<StoredSettings> {
  const [row] = await db.query<StoredSettings>(byOrg, [org]);
  if (row === undefined) throw new Error('An OrgId of no organization.');
  return { ...row, settings: readSettings(row.settings) };
}

const update: Statement = {
  name: 'settings-update',
  text: `update organizations set name = $2, settings = $3::jsonb, settings_version = settings_version + 1
    where id = $1 and settings_version = $4 returning settings_version`,
};

/** @returns false if the settings have changed since `version` */
export async function writeSettings(
  tx: Executor,
  org: OrgId,
  { organization, settings, version }: StoredSettings,
): Promise<boolean> {
  return (await tx.query(update, [org, organization, JSON.stringify(settings), version])).length > 0;
}
