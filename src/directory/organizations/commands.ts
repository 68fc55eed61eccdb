import { createHash } from 'node:crypto';
import type { Database } from '../../platform/db/database.ts';
import type { CommandRunner } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import { type Authority, isOwner } from '../roles/authority.ts';
import { requireGrantable, requireWholeOrganization } from '../roles/rules/guards.ts';
import { type Settings, settingsShape } from './settings.ts';
import { findSettings, type StoredSettings, writeSettings } from './store/settings.ts';

/** What is to change; what is left out stays. */
export interface SettingsChanges {
  /** What the organization is called. */
  readonly name: string | undefined;
  readonly settings: Partial<Settings>;
}

export interface SettingsCommands {
  /** @throws DomainError `forbidden` */
  get(by: Authority): Promise<StoredSettings>;
  /**
   * @param ifMatch the versions of which one was looked at
   * @throws DomainError `forbidden`, `version_mismatch`, `owner_only` for what decides about owners,
   *   `role_above_limit` for a role that one may not give and would let everybody take
   */
  update(
    by: Authority,
    changes: SettingsChanges,
    ifMatch: readonly string[] | undefined,
  ): Promise<StoredSettings>;
}

/** Builds the commands about the settings of an organization. */
export function createSettingsCommands({
  db,
  runner,
}: {
  readonly db: Database;
  readonly runner: CommandRunner;
}): SettingsCommands {
  return {
    get: async (by) => {
      requireWholeOrganization(by, 'settings:manage');
      return findSettings(db, by.org);
    },

    update: (by, { name, settings: wanted }, ifMatch) =>
      runner.runAs(by, async ({ tx, org, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'settings:manage');
        const present = await findSettings(tx, org);
        if (ifMatch !== undefined && !ifMatch.includes(String(present.version))) throw changedMeanwhile();
        const settings = settingsShape.parse({ ...present.settings, ...wanted });
        if (
          settings.onlyOwnersGrantAdmin !== present.settings.onlyOwnersGrantAdmin &&
          !isOwner(actor.rights)
        ) {
          throw new DomainError('owner_only', 'Only an owner decides whether only they may grant admin.');
        }
        for (const role of ['train', 'configure', 'admin'] as const) {
          const { [role]: before } = present.settings.elevationApproval;
          if (before && !settings.elevationApproval[role]) requireGrantable(actor, role, present.settings);
        }
        const organization = name ?? present.organization;
        const values = differences(
          { name: present.organization, ...recordable(present.settings) },
          { name: organization, ...recordable(settings) },
        );
        if (Object.keys(values).length === 0) return present;
        if (!(await writeSettings(tx, org, { organization, settings, version: present.version }))) {
          throw changedMeanwhile();
        }
        recordEvent({ action: 'settings.updated', target: ['organization', org], changes: { values } });
        return { organization, settings, version: present.version + 1 };
      }),
  };
}

/** Events hold no addresses (ADR 0006): which ones changed is told by a digest of each. */
function recordable({ sealRecipients, ...settings }: Settings): Readonly<Record<string, unknown>> {
  const digestOf = (address: string) => createHash('sha256').update(address).digest('hex').slice(0, 12);
  return { ...settings, sealRecipients: sealRecipients.map(digestOf) };
}

function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, readonly [before: unknown, after: unknown]> {
  const changed = Object.keys(after).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  return Object.fromEntries(changed.map((key) => [key, [before[key], after[key]] as const]));
}

const changedMeanwhile = () =>
  new DomainError(
    'version_mismatch',
    'The settings have changed since you read them: read them again, then repeat the change.',
  );
