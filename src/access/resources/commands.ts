import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { GroupGrant } from '../../directory/groups/store/grants.ts';
import type { UserId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { type Authority, isSelf, scopeOf } from '../../directory/roles/authority.ts';
import { forbidden, requirePermission } from '../../directory/roles/rules/guards.ts';
import { requireVersion } from '../../directory/rules/versions.ts';
import { findDirectoryUsers } from '../../directory/users/store/users.ts';
import type { Executor } from '../../platform/db/statement.ts';
import { grantsOf, targetOf } from '../authorization/circumstances.ts';
import { creating, editableBy, editing, mayEdit } from './rules.ts';
import {
  deleteResource,
  findResource,
  insertResource,
  listResources,
  type Resource,
  type ResourceFilter,
  type ResourceInput,
  updateResource,
} from './store.ts';

export type { Resource } from './store.ts';

export interface ResourceCommands {
  /**
   * Those that the caller may edit: all, their own (R59), and what their groups have a grant on.
   * @throws DomainError `forbidden` for a key that is for no resources
   */
  list(
    by: Authority,
    filter: ResourceFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<Resource[]>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<Resource>;
  /** Registers a resource; without an owner it is the asker's. @throws DomainError `forbidden`, `unknown_owner` */
  create(
    by: Authority,
    type: string,
    words: Omit<ResourceInput, 'owner'> & { readonly owner: UserId | undefined },
  ): Promise<Resource>;
  /**
   * What is undefined stays. A grant lets a user edit, not choose the owner.
   * @throws DomainError `not_found`, `forbidden`, `unknown_owner`, `version_mismatch`
   */
  update(
    by: Authority,
    id: string,
    words: Partial<ResourceInput>,
    ifMatch: readonly string[] | undefined,
  ): Promise<Resource>;
  /** @throws DomainError `not_found`, `forbidden` */
  remove(by: Authority, id: string, ifMatch: readonly string[] | undefined): Promise<void>;
}

/** Builds the register of what the host product has. */
export function createResourceCommands({ db, now, runner }: CommandDependencies): ResourceCommands {
  /** Whether a user may edit a resource: as `/authz/check` decides (docs/roles.md §4). */
  const reaches = async (
    executor: Executor,
    by: Authority,
    resource: Resource,
    grants: readonly GroupGrant[],
    at: string,
  ): Promise<boolean> => mayEdit(by, grants, await targetOf(executor, by.org, resource, at));

  const load = async ({ tx, org, at }: CommandContext, by: Authority, id: string): Promise<Resource> => {
    const resource = await findResource(tx, org, id);
    if (resource === undefined) throw resourceNotFound();
    if (!(await reaches(tx, by, resource, await grantsOf(tx, org, by.rights), at))) throw forbidden();
    return resource;
  };

  /** An owner is an active user, and another than oneself only if one may edit everybody's. */
  const requireOwner = async (
    context: CommandContext,
    by: Authority,
    type: string,
    owner: UserId,
  ): Promise<void> => {
    if (!isSelf(by, owner) && scopeOf(by, editing(type)) !== 'all') throw forbidden();
    const [user] = await findDirectoryUsers(context.tx, context.org, [owner], context.at);
    if (user === undefined || user.status === 'inactive') {
      throw new DomainError('unknown_owner', 'The owner must be a user who is not inactive.');
    }
  };

  return {
    list: async (by, filter, page) => {
      const editable = editableBy(by, await grantsOf(db, by.org, by.rights));
      if (editable === undefined) throw forbidden();
      return listResources(db, by.org, filter, { of: by.rights.id, editable }, page);
    },

    get: async (by, id) => {
      const resource = await findResource(db, by.org, id);
      const grants = await grantsOf(db, by.org, by.rights);
      if (resource === undefined || !(await reaches(db, by, resource, grants, now().toISOString()))) {
        throw resourceNotFound();
      }
      return resource;
    },

    create: (by, type, words) =>
      runner.runAs(by, async (context, actor) => {
        requirePermission(actor, creating(type));
        const owner = words.owner ?? actor.accountOwner ?? actor.rights.id;
        await requireOwner(context, actor, type, owner);
        const id = context.newId();
        await insertResource(context.tx, context.org, id, type, { ...words, owner }, context.at);
        context.recordEvent({
          action: 'resource.created',
          target: ['resource', id],
          changes: { values: { type: [null, type], owner: [null, owner] } },
        });
        return (await findResource(context.tx, context.org, id)) as Resource;
      }),

    update: (by, id, words, ifMatch) =>
      runner.runAs(by, async (context, actor) => {
        const resource = await load(context, actor, id);
        requireVersion('resource', resource.version, ifMatch);
        const owner = words.owner === undefined ? resource.ownerId : words.owner;
        const moved = owner !== resource.ownerId;
        const tags = words.tags ?? resource.tags;
        // A grant that lets a user edit does not let them give it away, nor decide whose grants are valid.
        const givesAway = moved || [...tags].sort().join('\n') !== [...resource.tags].sort().join('\n');
        if (givesAway && !(await reaches(context.tx, actor, resource, [], context.at))) throw forbidden();
        if (moved && owner !== null) await requireOwner(context, actor, resource.type, owner);
        const next = { name: words.name ?? resource.name, owner, tags };
        await updateResource(context.tx, context.org, id, next, context.at);
        const target = ['resource', id] as const;
        context.recordEvent(
          moved
            ? {
                action: 'resource.transferred',
                target,
                changes: { values: { owner: [resource.ownerId, owner] } },
              }
            : { action: 'resource.updated', target, changes: { attributes: ['name', 'tags'] } },
        );
        return (await findResource(context.tx, context.org, id)) as Resource;
      }),

    remove: (by, id, ifMatch) =>
      runner.runAs(by, async (context, actor) => {
        requireVersion('resource', (await load(context, actor, id)).version, ifMatch);
        await deleteResource(context.tx, context.org, id, context.at);
        context.recordEvent({ action: 'resource.deleted', target: ['resource', id] });
      }),
  };
}

const resourceNotFound = () => notFound('resource');
