import { runDry, withoutRepeats } from '../../directory/dry-run.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, scopeOf } from '../../directory/roles/authority.ts';
import { type MovedUser, type RoleReport, reportRoles } from '../../directory/roles/role-report.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import { totalsInWords } from '../../directory/rules/role-effects.ts';
import { TRAINING_ITEM } from '../../onboarding/rules.ts';
import { findDoers } from '../../onboarding/store/checklists.ts';
import type { Database } from '../../platform/db/database.ts';
import { type ShownAttribute, shownGroups } from '../login/attributes.ts';
import { roleOfKnownUser } from '../rules/idp-groups.ts';
import type { Provisioning } from '../settings.ts';
import { findLastSignIns, type LastSignIn, scimPushesGroups } from '../store/traces.ts';
import { createChangeConnection } from './change.ts';
import { createProvisioningCommands } from './provisioning.ts';

/** What other provisioning settings would do to those who signed in lately (R153). */
export interface ProvisioningPreview extends RoleReport {
  readonly sentence: string;
  /** Users whose last sign-in is remembered. */
  readonly users: number;
  /** Of those the ones of whom it is not known what groups the provider would send under these settings. */
  readonly unknown: number;
}

/**
 * Builds the dry run of provisioning settings: the command that saves them, rolled back, and for each remembered sign-in
 * the rule that the next one follows.
 */
export function createProvisioningPreview(given: { readonly db: Database; readonly now: () => Date }) {
  /** @throws DomainError as the command that saves the settings */
  return (
    caller: Authority,
    id: ConnectionId,
    wanted: Provisioning,
    ifMatch: readonly string[] | undefined,
  ): Promise<ProvisioningPreview> =>
    runDry(given, caller.org, async (dry) => {
      const by = withoutRepeats(caller);
      const change = createChangeConnection(dry);
      const { provisioning } = await createProvisioningCommands({ ...dry, change }).put(
        by,
        id,
        wanted,
        ifMatch,
      );
      const signIns = await findLastSignIns(dry.db, by.org, id);
      const pushes = await scimPushesGroups(dry.db, by.org, id);
      const found = signIns.map((signIn) => roleAtNext(signIn, provisioning, pushes));
      const moved = found.filter((each) => each !== undefined && each !== 'unknown');
      const allowed = await withoutUntrained(dry.db, by, moved);
      const report = await reportRoles(dry.db, by.org, allowed, given.now().toISOString());
      const effects = totalsInWords(report.roles);
      return {
        ...report,
        people: scopeOf(by, 'users:read') === 'all' ? report.people : [],
        sentence: `${effects === '' ? 'No one’s role would change at the next sign-in' : `At their next sign-in ${effects}`}. Nothing was saved.`,
        users: signIns.length,
        unknown: found.filter((each) => each === 'unknown').length,
      };
    });
}

interface MovedAtSignIn extends MovedUser {
  readonly isMore: boolean;
}

function roleAtNext(
  { id, role, owner, roleManaged, seen }: LastSignIn,
  provisioning: Provisioning,
  pushes: boolean,
): MovedAtSignIn | undefined | 'unknown' {
  const { groupAttribute } = provisioning;
  const shown = (seen['attributes'] ?? []) as readonly ShownAttribute[];
  const groups = groupAttribute === null ? undefined : shownGroups(shown, groupAttribute);
  const overage = seen['groupsOverage'] === true;
  const then = (sent: readonly string[] | undefined) =>
    roleOfKnownUser(
      { groups: sent, overage, scimPushesGroups: pushes, provisioning },
      { owner, roleManaged },
    );
  // Whether groups would matter shows with any.
  if (groups === 'unknown') return then([]) === undefined ? undefined : 'unknown';
  const next = then(groups);
  if (next === undefined || next === role) return undefined;
  return {
    id,
    role: next,
    isMore: compareRoles(next, role) > 0,
    because: `The groups that the provider sent last mean the role ${next}; it is ${role} now.`,
  };
}

/** More rights wait for the training, where the organization asks for it (R119). */
async function withoutUntrained(
  db: Database,
  { org }: Authority,
  moved: readonly MovedAtSignIn[],
): Promise<readonly MovedUser[]> {
  const { settings } = await findSettings(db, org);
  if (!settings.trainingRequired) return moved;
  const more = moved.filter(({ isMore }) => isMore).map(({ id }) => id);
  const trained = await findDoers(db, org, more, TRAINING_ITEM);
  return moved.filter(({ id, isMore }) => !isMore || trained.has(id));
}
