import { findResourceTypes } from '../../access/resources/store.ts';
import type { Database } from '../../platform/db/database.ts';
import type { CommandContext, CommandRunner } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { GroupId } from '../ids.ts';
import { findSettings } from '../organizations/store/settings.ts';
import { type Authority, isOwner, managedGroups, scopeOf } from '../roles/authority.ts';
import { requireGrantable, requireWholeOrganization } from '../roles/rules/guards.ts';
import { requireVersion } from '../rules/versions.ts';
import type { AdministeredGroup, GroupInput } from './group.ts';
import { createGroupMembers, type GroupMembers } from './members.ts';
import { requestSettlement } from './settling.ts';
import {
  findAdministeredGroup,
  type GroupFilter,
  insertLocalGroup,
  searchGroups,
  updateGroupFields,
} from './store/administration.ts';
import { findGrants, type Grant, type NamedGrant, replaceGrants } from './store/grants.ts';
import { deleteGroupRow, lockGroup } from './store/writes.ts';
import { groupNotFound, requireVisible } from './visibility.ts';

export type { AdministeredGroup } from './group.ts';
export type { NamedGrant } from './store/grants.ts';

/** What must hold for a change of a group. */
export interface GroupCondition {
  readonly force: boolean;
  readonly ifMatch: readonly string[] | undefined;
}

export interface GroupAdministration extends GroupMembers {
  /** Groups by name, among those that the caller may see. */
  list(
    by: Authority,
    filter: Omit<GroupFilter, 'among'>,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<AdministeredGroup[]>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: GroupId): Promise<AdministeredGroup>;
  /** @throws DomainError `group_name_taken`, `role_above_limit`, `forbidden` */
  create(by: Authority, words: GroupInput): Promise<AdministeredGroup>;
  /** What is undefined stays. @throws DomainError as `create`, `managed_by_directory`, `version_mismatch` */
  update(
    by: Authority,
    id: GroupId,
    words: Partial<GroupInput>,
    condition: GroupCondition,
  ): Promise<AdministeredGroup>;
  /** @throws DomainError `not_found`, `managed_by_directory`, `version_mismatch` */
  remove(by: Authority, id: GroupId, condition: GroupCondition): Promise<void>;
  grants(by: Authority, id: GroupId): Promise<NamedGrant[]>;
  /** @throws DomainError `unknown_resource` */
  setGrants(by: Authority, id: GroupId, grants: readonly Grant[]): Promise<void>;
}

/** The group that a command is about, as it is until the command ends. @throws DomainError `not_found` */
async function loadGroup({ tx, org }: CommandContext, id: GroupId): Promise<AdministeredGroup> {
  await lockGroup(tx, org, id);
  const group = await findAdministeredGroup(tx, org, id);
  if (group === undefined) throw groupNotFound();
  return group;
}

/** Builds the commands and questions of administrators about groups (R95 to R99). */
export function createGroupAdministration({
  db,
  runner,
}: {
  readonly db: Database;
  readonly runner: CommandRunner;
}): GroupAdministration {
  return {
    ...createGroupMembers({ db, runner }),

    list: (by, filter, page) => {
      const among = scopeOf(by, 'groups:members') === 'all' ? undefined : [...managedGroups(by.rights)];
      return searchGroups(db, by.org, { ...filter, among }, page);
    },

    get: (by, id) => requireVisible(db, by, id),

    create: (by, words) =>
      runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'groups:manage');
        await requireGroupRole(context, actor, words.role);
        requirePatternFits(words);
        const { autoAssignPattern: pattern } = words;
        const id = context.newId() as GroupId;
        await insertLocalGroup(context.tx, context.org, id, words, 'manual', context.at);
        context.recordEvent({
          action: 'group.created',
          target: ['group', id],
          changes: {
            values: {
              displayName: [null, words.name],
              role: [null, words.role],
              ...(pattern === null ? {} : { autoAssignPattern: [null, pattern] as const }),
            },
          },
        });
        if (pattern !== null) await requestSettlement(context, id, null);
        return loadGroup(context, id);
      }),

    update: (by, id, words, { force, ifMatch }) =>
      runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'groups:manage');
        const group = await loadGroup(context, id);
        requireVersion('group', group.version, ifMatch);
        const next: GroupInput = {
          name: words.name ?? group.name,
          description: words.description === undefined ? group.description : words.description,
          role: words.role === undefined ? group.role : words.role,
          autoAssignPattern:
            words.autoAssignPattern === undefined ? group.autoAssignPattern : words.autoAssignPattern,
        };
        const pattern = [group.autoAssignPattern, next.autoAssignPattern] as const;
        if (next.name !== group.name) requireUnmanagedGroup(actor, group, force);
        if (next.role !== group.role) await requireGroupRole(context, actor, next.role);
        if (pattern[0] !== pattern[1] && pattern[1] !== null) requireManualGroup(group);
        requirePatternFits(next);
        const values = {
          ...(next.name === group.name ? {} : { displayName: [group.name, next.name] as const }),
          ...(next.role === group.role ? {} : { role: [group.role, next.role] as const }),
          ...(next.description === group.description
            ? {}
            : { description: [group.description, next.description] as const }),
          ...(pattern[0] === pattern[1] ? {} : { autoAssignPattern: pattern }),
        };
        if (Object.keys(values).length === 0) return group;
        await updateGroupFields(context.tx, context.org, id, next, context.at);
        context.recordEvent({ action: 'group.updated', target: ['group', id], changes: { values } });
        if (pattern[0] !== pattern[1]) await requestSettlement(context, id, pattern[0]);
        return loadGroup(context, id);
      }),

    remove: (by, id, { force, ifMatch }) =>
      runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'groups:manage');
        const group = await loadGroup(context, id);
        requireVersion('group', group.version, ifMatch);
        requireUnmanagedGroup(actor, group, force);
        await deleteGroupRow(context.tx, context.org, id, undefined, context.envelope());
      }),

    grants: async (by, id) => {
      await requireVisible(db, by, id);
      return findGrants(db, by.org, id);
    },

    setGrants: (by, id, grants) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, newId, recordEvent } = context;
        requireWholeOrganization(actor, 'groups:manage');
        await loadGroup(context, id);
        const named = grants.flatMap(({ resourceId }) => resourceId ?? []);
        const types = await findResourceTypes(tx, org, named);
        for (const { resourceId, resourceType } of grants) {
          if (resourceId === null || types.get(resourceId) === resourceType) continue;
          throw new DomainError('unknown_resource', `Resource not found: ${resourceType} ${resourceId}.`);
        }
        const before = await findGrants(tx, org, id);
        await replaceGrants(tx, org, id, grants, newId, at);
        recordEvent({
          action: 'group.grants_changed',
          target: ['group', id],
          changes: { values: { grants: [before.map(recorded), grants.map(recorded)] } },
        });
      }),
  };
}

/** A grant as events have it. */
const recorded = ({ resourceType, resourceId, tag, level }: Grant) => ({
  resource_type: resourceType,
  resource_id: resourceId,
  tag,
  level,
});

/** Guard rule 4, and `admin` only by an owner (docs/roles.md §4). @throws DomainError `role_above_limit` */
async function requireGroupRole(
  { tx, org }: CommandContext,
  by: Authority,
  role: GroupInput['role'],
): Promise<void> {
  if (role === null) return;
  const { settings } = await findSettings(tx, org);
  requireGrantable(by, role, settings);
  if (role === 'admin' && !isOwner(by.rights)) {
    throw new DomainError('role_above_limit', 'Only an owner lets a group carry the role admin.');
  }
}

/**
 * Members of a group that adds people by their address have what it carries: that is never the role that only owners give.
 * @throws DomainError `role_above_limit`
 */
export function requirePatternFits({
  role,
  autoAssignPattern,
}: Pick<GroupInput, 'role' | 'autoAssignPattern'>): void {
  if (autoAssignPattern === null || role !== 'admin') return;
  throw new DomainError(
    'role_above_limit',
    'No address makes an administrator: a group with the role admin adds no one by their address.',
  );
}

/** @throws DomainError `managed_by_directory` */
function requireManualGroup({ source, name }: AdministeredGroup): void {
  if (source === 'manual') return;
  throw new DomainError(
    'managed_by_directory',
    `The members of "${name}" are managed by your identity provider: create a group of your own for a pattern of addresses.`,
  );
}

/**
 * A provisioned group is changed by its directory; an owner may force a change.
 * @throws DomainError `managed_by_directory`
 */
function requireUnmanagedGroup(by: Authority, group: AdministeredGroup, force: boolean): void {
  if (group.source === 'manual' || (force && isOwner(by.rights))) return;
  throw new DomainError(
    'managed_by_directory',
    `"${group.name}" is managed by your identity provider: change it there. An owner can insist with ?force=true.`,
  );
}
