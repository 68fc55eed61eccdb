import { findResourceTypes } from '../../access/resources/store.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Administer, Work } from '../command-runner.ts';
import { Refusal } from '../errors.ts';
import type { GroupId } from '../ids.ts';
import { findSettings } from '../organizations/store/settings.ts';
import { type Authority, isSuperAdmin, managedGroups, scopeOf } from '../roles/authority.ts';
import { demandAll, demandGrantable } from '../roles/rules/guards.ts';
import { demandVersion } from '../rules/versions.ts';
import { createGroupMembers, type GroupMembers } from './members.ts';
import {
  type AdministeredGroup,
  findAdministeredGroup,
  type GroupFilter,
  type GroupWords,
  insertLocalGroup,
  searchGroups,
  updateGroupWords,
} from './store/administration.ts';
import { findGrants, type Grant, replaceGrants } from './store/grants.ts';
import { deleteGroupRow } from './store/writes.ts';
import { demandVisible, noSuchGroup } from './visibility.ts';

export type { AdministeredGroup } from './store/administration.ts';
export type { Grant } from './store/grants.ts';

/** What must hold for a change of a group. */
export interface GroupCondition {
  readonly force: boolean;
  readonly ifMatch: readonly string[] | undefined;
}

export interface GroupAdministration extends GroupMembers {
  /** Groups by name, of those whom the one who asks may see. */
  list(
    by: Authority,
    filter: Omit<GroupFilter, 'among'>,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<AdministeredGroup[]>;
  /** @throws Refusal `not_found` */
  get(by: Authority, id: GroupId): Promise<AdministeredGroup>;
  /** @throws Refusal `group_name_taken`, `role_above_limit`, `forbidden` */
  create(by: Authority, words: GroupWords): Promise<AdministeredGroup>;
  /** What is undefined stays. @throws Refusal as `create`, `managed_by_directory`, `version_mismatch` */
  update(
    by: Authority,
    id: GroupId,
    words: Partial<GroupWords>,
    condition: GroupCondition,
  ): Promise<AdministeredGroup>;
  /** @throws Refusal `not_found`, `managed_by_directory`, `version_mismatch` */
  remove(by: Authority, id: GroupId, condition: GroupCondition): Promise<void>;
  grants(by: Authority, id: GroupId): Promise<Grant[]>;
  /** @throws Refusal `unknown_resource` */
  setGrants(by: Authority, id: GroupId, grants: readonly Grant[]): Promise<void>;
}

async function loadGroup({ tx, org }: Work, id: GroupId): Promise<AdministeredGroup> {
  const group = await findAdministeredGroup(tx, org, id);
  if (group === undefined) throw noSuchGroup();
  return group;
}

/** Builds the commands and questions of administrators about groups (R95 to R99). */
export function createGroupAdministration({
  db,
  administer,
}: {
  readonly db: Database;
  readonly administer: Administer;
}): GroupAdministration {
  return {
    ...createGroupMembers({ db, administer }),

    list: (by, filter, page) => {
      const among = scopeOf(by, 'groups:members') === 'all' ? undefined : [...managedGroups(by.rights)];
      return searchGroups(db, by.org, { ...filter, among }, page);
    },

    get: (by, id) => demandVisible(db, by, id),

    create: (by, words) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'groups:manage');
        await demandGroupRole(work, actor, words.role);
        const id = work.newId() as GroupId;
        await insertLocalGroup(work.tx, work.org, id, words, 'manual', work.at);
        work.note({
          action: 'group.created',
          target: ['group', id],
          changes: { values: { displayName: [null, words.name], role: [null, words.role] } },
        });
        return loadGroup(work, id);
      }),

    update: (by, id, words, { force, ifMatch }) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'groups:manage');
        const group = await loadGroup(work, id);
        demandVersion('group', group.version, ifMatch);
        const next: GroupWords = {
          name: words.name ?? group.name,
          description: words.description === undefined ? group.description : words.description,
          role: words.role === undefined ? group.role : words.role,
        };
        if (next.name !== group.name) demandUnmanagedGroup(actor, group, force);
        if (next.role !== group.role) await demandGroupRole(work, actor, next.role);
        const values = {
          ...(next.name === group.name ? {} : { displayName: [group.name, next.name] as const }),
          ...(next.role === group.role ? {} : { role: [group.role, next.role] as const }),
          ...(next.description === group.description
            ? {}
            : { description: [group.description, next.description] as const }),
        };
        if (Object.keys(values).length === 0) return group;
        await updateGroupWords(work.tx, work.org, id, next, work.at);
        work.note({ action: 'group.updated', target: ['group', id], changes: { values } });
        return loadGroup(work, id);
      }),

    remove: (by, id, { force, ifMatch }) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'groups:manage');
        const group = await loadGroup(work, id);
        demandVersion('group', group.version, ifMatch);
        demandUnmanagedGroup(actor, group, force);
        await deleteGroupRow(work.tx, work.org, id, undefined, work.envelope());
      }),

    grants: async (by, id) => {
      await demandVisible(db, by, id);
      return findGrants(db, by.org, id);
    },

    setGrants: (by, id, grants) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, newId, note } = work;
        demandAll(actor, 'groups:manage');
        if ((await findAdministeredGroup(tx, org, id)) === undefined) throw noSuchGroup();
        const named = grants.flatMap(({ resource_id }) => resource_id ?? []);
        const types = await findResourceTypes(tx, org, named);
        for (const grant of grants) {
          if (grant.resource_id === null || types.get(grant.resource_id) === grant.resource_type) continue;
          throw new Refusal(
            'unknown_resource',
            `Resource not found: ${grant.resource_type} ${grant.resource_id}.`,
          );
        }
        const before = await findGrants(tx, org, id);
        await replaceGrants(tx, org, id, grants, newId);
        note({
          action: 'group.grants_changed',
          target: ['group', id],
          changes: { values: { grants: [before, grants] } },
        });
      }),
  };
}

/** Guard rule 4, and `admin` only by an owner (PRODUCT §1.4). @throws Refusal `role_above_limit` */
async function demandGroupRole({ tx, org }: Work, by: Authority, role: GroupWords['role']): Promise<void> {
  if (role === null) return;
  const { settings } = await findSettings(tx, org);
  demandGrantable(by, role, settings);
  if (role === 'admin' && !isSuperAdmin(by.rights)) {
    throw new Refusal('role_above_limit', 'Only an owner lets a group carry the role admin.');
  }
}

/** What a directory provisions is its to change; an owner may insist. @throws Refusal `managed_by_directory` */
function demandUnmanagedGroup(by: Authority, group: AdministeredGroup, force: boolean): void {
  if (group.source === 'manual' || (force && isSuperAdmin(by.rights))) return;
  throw new Refusal(
    'managed_by_directory',
    `"${group.name}" is managed by your identity provider: change it there. An owner can insist with ?force=true.`,
  );
}
