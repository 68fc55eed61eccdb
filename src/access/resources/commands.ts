import type { Administer, Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { type Authority, isSelf, scopeOf } from '../../directory/roles/authority.ts';
import { demand, forbidden } from '../../directory/roles/rules/guards.ts';
import { demandVersion } from '../../directory/rules/versions.ts';
import { findPeople } from '../../directory/users/store/people.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor } from '../../platform/db/statement.ts';
import { grantsOf, targetOf } from '../authorization/circumstances.ts';
import type { GroupGrant } from '../authorization/rules/snapshot.ts';
import { creating, editableBy, editing, mayEdit } from './rules.ts';
import {
  deleteResource,
  findResource,
  insertResource,
  listResources,
  type ResourceFilter,
  type ResourceRow,
  type ResourceWords,
  updateResource,
} from './store.ts';

export type { ResourceRow } from './store.ts';

export interface ResourceCommands {
  /**
   * Those that the one who asks may edit: all, their own (R59), and what their groups have a grant on.
   * @throws Refusal `forbidden` for a key that is for no resources
   */
  list(
    by: Authority,
    filter: ResourceFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<ResourceRow[]>;
  /** @throws Refusal `not_found` */
  get(by: Authority, id: string): Promise<ResourceRow>;
  /** Registers a resource; without an owner it is the asker's. @throws Refusal `forbidden`, `unknown_owner` */
  create(
    by: Authority,
    type: string,
    words: Omit<ResourceWords, 'owner'> & { readonly owner: UserId | undefined },
  ): Promise<ResourceRow>;
  /**
   * What is undefined stays. A grant lets somebody edit, not choose the owner.
   * @throws Refusal `not_found`, `forbidden`, `unknown_owner`, `version_mismatch`
   */
  update(
    by: Authority,
    id: string,
    words: Partial<ResourceWords>,
    ifMatch: readonly string[] | undefined,
  ): Promise<ResourceRow>;
  /** @throws Refusal `not_found`, `forbidden` */
  remove(by: Authority, id: string, ifMatch: readonly string[] | undefined): Promise<void>;
}

/** Builds the register of what the host product has. */
export function createResourceCommands({
  db,
  now,
  administer,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
}): ResourceCommands {
  /** Whether somebody may edit a resource: as `/authz/check` says (PRODUCT §1.4). */
  const reaches = async (
    executor: Executor,
    by: Authority,
    resource: ResourceRow,
    grants: readonly GroupGrant[],
    at: string,
  ): Promise<boolean> => mayEdit(by, grants, await targetOf(executor, by.org, resource, at));

  const load = async ({ tx, org, at }: Work, by: Authority, id: string): Promise<ResourceRow> => {
    const resource = await findResource(tx, org, id);
    if (resource === undefined) throw noSuchResource();
    if (!(await reaches(tx, by, resource, await grantsOf(tx, org, by.rights), at))) throw forbidden();
    return resource;
  };

  /** An owner is an active person, and another than oneself only if one may edit everybody's. */
  const demandOwner = async (work: Work, by: Authority, type: string, owner: UserId): Promise<void> => {
    if (!isSelf(by, owner) && scopeOf(by, editing(type)) !== 'all') throw forbidden();
    const [person] = await findPeople(work.tx, work.org, [owner], work.at);
    if (person === undefined || person.status === 'inactive') {
      throw new Refusal('unknown_owner', 'The owner must be a user who is not inactive.');
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
        throw noSuchResource();
      }
      return resource;
    },

    create: (by, type, words) =>
      administer.as(by, async (work, actor) => {
        demand(actor, creating(type));
        const owner = words.owner ?? actor.accountOwner ?? actor.rights.id;
        await demandOwner(work, actor, type, owner);
        const id = work.newId();
        await insertResource(work.tx, work.org, id, type, { ...words, owner }, work.at);
        work.note({
          action: 'resource.created',
          target: ['resource', id],
          changes: { values: { type: [null, type], owner: [null, owner] } },
        });
        return (await findResource(work.tx, work.org, id)) as ResourceRow;
      }),

    update: (by, id, words, ifMatch) =>
      administer.as(by, async (work, actor) => {
        const resource = await load(work, actor, id);
        demandVersion('resource', resource.version, ifMatch);
        const owner = words.owner === undefined ? resource.owner_id : words.owner;
        const moved = owner !== resource.owner_id;
        const tags = words.tags ?? resource.tags;
        // A grant that lets somebody edit does not let them give it away, nor decide whose grants count.
        const givesAway = moved || [...tags].sort().join('\n') !== [...resource.tags].sort().join('\n');
        if (givesAway && !(await reaches(work.tx, actor, resource, [], work.at))) throw forbidden();
        if (moved && owner !== null) await demandOwner(work, actor, resource.type, owner);
        const next = { name: words.name ?? resource.name, owner, tags };
        await updateResource(work.tx, work.org, id, next, work.at);
        work.note({
          action: moved ? 'resource.transferred' : 'resource.updated',
          target: ['resource', id],
          changes: moved
            ? { values: { owner: [resource.owner_id, owner] } }
            : { attributes: ['name', 'tags'] },
        });
        return (await findResource(work.tx, work.org, id)) as ResourceRow;
      }),

    remove: (by, id, ifMatch) =>
      administer.as(by, async (work, actor) => {
        demandVersion('resource', (await load(work, actor, id)).version, ifMatch);
        await deleteResource(work.tx, work.org, id);
        work.note({ action: 'resource.deleted', target: ['resource', id] });
      }),
  };
}

const noSuchResource = () => notFound('resource');
