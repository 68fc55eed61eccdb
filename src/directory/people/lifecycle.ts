import type { Work } from '../administer.ts';
import { type Authority, isSuperAdmin } from '../authority.ts';
import { Refusal } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { emailKeys, primaryEmail } from '../rules/emails.ts';
import { demand, demandAll, demandManage, demandOther, forbidden, noSuchUser } from '../rules/guards.ts';
import { caseKey, displayNameKey } from '../rules/keys.ts';
import { statusChange } from '../rules/user-changes.ts';
import { enableApiKeys, revokeApiKeys } from '../store/api-keys.ts';
import { unlockAccount } from '../store/credentials.ts';
import { removeMemberships, takeLostMemberships } from '../store/memberships.ts';
import { findPeople, findPerson } from '../store/people.ts';
import { findProfile, findPurgeable, restoreUser } from '../store/people-writes.ts';
import { countOwnedResources, transferResources } from '../store/resources.ts';
import { eraseUser } from '../store/user-erasure.ts';
import { softDeleteUser, writeUserStatus } from '../store/user-writes.ts';
import type { UserStatus } from '../users/user.ts';
import type { PeopleDependencies } from './dependencies.ts';
import type { Person } from './person.ts';
import { tellChanges } from './roles.ts';
import { demandOwnField, loadPerson } from './target.ts';

/** A group that somebody has back, or not. */
export interface Restored {
  readonly id: string;
  readonly name: string;
}

export interface OffboardIntent {
  readonly removeGroups: boolean;
  readonly revokeApiKeys: boolean;
  readonly transferTo: UserId | undefined;
  readonly force: boolean;
}

export interface Offboarded {
  readonly removedGroups: number;
  readonly revokedApiKeys: number;
  readonly transferred: number;
}

export interface LifecycleCommands {
  /**
   * Signs somebody out for good: no sign-in, no keys, no memberships that count; all of it remembered (R78 to R82).
   * @throws Refusal `already_inactive`, `last_owner`, `self_change`, `forbidden`, `managed_by_directory`
   */
  deactivate(
    by: Authority,
    id: UserId,
    intent: { readonly reason?: string; readonly notify: boolean; readonly force: boolean },
  ): Promise<void>;
  /** The other way (R83 to R86). @returns the memberships that count again @throws Refusal `not_inactive` */
  activate(
    by: Authority,
    id: UserId,
    intent: { readonly restoreGroups: boolean; readonly reenableApiKeys: boolean; readonly force: boolean },
  ): Promise<{ readonly restored: readonly Restored[]; readonly notRestored: readonly Restored[] }>;
  /** Hides somebody and keeps everything (R88). @throws Refusal `owns_resources`, `last_owner`, `self_change` */
  softDelete(by: Authority, id: UserId, transferTo: UserId | undefined, force: boolean): Promise<void>;
  /** Removes somebody completely, hidden already or not (R89). @throws Refusal as `softDelete` */
  erase(by: Authority, id: UserId, transferTo: UserId | undefined, force: boolean): Promise<void>;
  /** Brings a hidden person back (R94). @throws Refusal `not_deleted`, `email_taken`, `not_found` */
  restore(by: Authority, id: UserId): Promise<void>;
  /** @throws Refusal `not_locked` (R141) */
  unlock(by: Authority, id: UserId): Promise<void>;
  /** Deactivates at once and takes everything away in one go (R121 to R124). @throws Refusal `last_owner`, `target_inactive` */
  offboard(by: Authority, id: UserId, intent: OffboardIntent): Promise<Offboarded>;
  /** @throws Refusal `target_inactive`, `not_found` @returns how many changed hands */
  transfer(
    by: Authority,
    from: UserId,
    to: UserId,
    resources: readonly string[] | undefined,
  ): Promise<number>;
  /** Erases who was hidden long enough; the schedule's. @returns how many went */
  purge(): Promise<number>;
}

/** Builds the commands from deactivation to erasure. */
export function createLifecycleCommands(dependencies: PeopleDependencies): LifecycleCommands {
  const { db, now, administer } = dependencies;

  /** Switches the status; the same columns as when a connection says `active`. */
  const setStatus = async (work: Work, person: Person, to: UserStatus, reason?: string): Promise<void> => {
    const { event } = statusChange(person.status, to);
    const changes = { ...event.changes, ...(reason?.trim() ? { reason: reason.trim() } : {}) };
    const membershipsChange = (to === 'inactive') !== (person.status === 'inactive');
    const write = { status: to, membershipsChange, event: { ...event, changes } };
    if (!(await writeUserStatus(work.tx, work.org, person.id, person.version, write, work.envelope()))) {
      throw new Refusal('conflict', 'Another change of this user came first: try again.');
    }
    if (to === 'inactive' && person.owner) work.needsOwner();
  };

  const handOver = async (work: Work, from: UserId, to: UserId, only: readonly string[] | undefined) => {
    const { tx, org, at, note } = work;
    const [receiver] = await findPeople(tx, org, [to], at);
    if (receiver === undefined) throw noSuchUser();
    if (receiver.status !== 'active' || receiver.id === from) {
      throw new Refusal('target_inactive', 'Choose another, active user to transfer ownership to.');
    }
    const moved = await transferResources(tx, org, from, to, only, at);
    for (const id of moved) {
      note({
        action: 'resource.transferred',
        target: ['resource', id],
        changes: { values: { owner: [from, to] } },
      });
    }
    return moved.length;
  };

  const demandDelete = (by: Authority, person: Person, force: boolean): void => {
    demandAll(by, 'users:delete');
    demandOther(by, person);
    if (person.owner && !isSuperAdmin(by.rights)) throw forbidden();
    if (person.deletedAt === undefined) demandOwnField(by, person, 'account', force);
  };

  const demandNothingOwned = async (
    work: Work,
    person: Person,
    transferTo: UserId | undefined,
  ): Promise<void> => {
    if (transferTo !== undefined) await handOver(work, person.id, transferTo, undefined);
    const owned = await countOwnedResources(work.tx, work.org, person.id);
    if (owned > 0) {
      throw new Refusal(
        'owns_resources',
        `This user owns ${owned} ${owned === 1 ? 'resource' : 'resources'}: transfer (transferTo) or delete them first.`,
      );
    }
  };

  const eraseWithin = async (work: Work, person: Pick<Person, 'id' | 'owner'>): Promise<void> => {
    const profile = await findProfile(work.tx, work.org, person.id);
    const keys = emailKeys(profile?.profile ?? {});
    await eraseUser(work.tx, work.org, person.id, undefined, keys, work.envelope());
    if (person.owner) work.needsOwner();
  };

  return {
    deactivate: (by, id, { reason, notify, force }) =>
      administer.as(by, async (work, actor) => {
        const person = await loadPerson(work, id);
        demandManage(actor, person, 'whole account');
        if (person.status === 'inactive')
          throw new Refusal('already_inactive', 'This user is inactive already.');
        demandOwnField(actor, person, 'status', force);
        await setStatus(work, person, 'inactive', reason);
        if (notify) await tellChanges(work, actor, person, ['Status: Inactive'], dependencies);
      }),

    activate: (by, id, { restoreGroups, reenableApiKeys, force }) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        const person = await loadPerson(work, id);
        demandManage(actor, person, 'whole account');
        if (person.status !== 'inactive') throw new Refusal('not_inactive', 'This user is not inactive.');
        demandOwnField(actor, person, 'status', force);
        await setStatus(work, person, 'active');
        const groups = person.standings.map(({ group, name }) => ({ id: group, name }));
        if (!restoreGroups && groups.length > 0) {
          for (const { group_id } of await removeMemberships(tx, org, undefined, [id], at)) {
            note({ action: 'group.member_removed', target: ['group', group_id], member: id });
          }
        }
        if (reenableApiKeys) {
          for (const key of await enableApiKeys(tx, org, id, at)) {
            note({ action: 'api_key.enabled', target: ['api_key', key] });
          }
        }
        const lost = await takeLostMemberships(tx, org, id);
        return restoreGroups
          ? { restored: groups, notRestored: lost }
          : { restored: [], notRestored: [...groups, ...lost] };
      }),

    softDelete: (by, id, transferTo, force) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, envelope, needsOwner } = work;
        const person = await loadPerson(work, id);
        demandDelete(actor, person, force);
        await demandNothingOwned(work, person, transferTo);
        const stored = await findProfile(tx, org, id);
        const keys = emailKeys(stored?.profile ?? {});
        if (!(await softDeleteUser(tx, org, id, stored?.version ?? 0, keys, envelope()))) throw noSuchUser();
        if (person.owner) needsOwner();
      }),

    erase: (by, id, transferTo, force) =>
      administer.as(by, async (work, actor) => {
        const person = await findPerson(work.tx, work.org, id, work.at);
        if (person === undefined) throw noSuchUser();
        demandDelete(actor, person, force);
        await demandNothingOwned(work, person, transferTo);
        await eraseWithin(work, person);
      }),

    restore: (by, id) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        demandAll(actor, 'users:delete');
        const person = await findPerson(tx, org, id, at);
        const stored = await findProfile(tx, org, id);
        if (person === undefined || stored === undefined) throw noSuchUser();
        if (person.deletedAt === undefined) throw new Refusal('not_deleted', 'This user is not deleted.');
        if (person.owner && !isSuperAdmin(actor.rights)) throw forbidden();
        const email = primaryEmail(stored.profile, stored.userName);
        try {
          await restoreUser(
            tx,
            org,
            id,
            {
              userName: caseKey(stored.userName),
              email: email === undefined ? null : caseKey(email),
              displayName: displayNameKey(stored.profile),
              emails: emailKeys(stored.profile),
            },
            at,
          );
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          throw new Refusal(
            'email_taken',
            'Another user has this address now: change theirs, then restore this one.',
          );
        }
        note({ action: 'user.restored', target: ['user', id] });
      }),

    unlock: (by, id) =>
      administer.as(by, async (work, actor) => {
        const person = await loadPerson(work, id);
        demandManage(actor, person, 'whole account');
        if (!(await unlockAccount(work.tx, work.org, id))) {
          throw new Refusal('not_locked', 'This account is not locked.');
        }
        work.note({ action: 'user.unlocked', target: ['user', id] });
      }),

    offboard: (by, id, { removeGroups, revokeApiKeys: revoke, transferTo, force }) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        const person = await loadPerson(work, id);
        demandManage(actor, person, 'whole account');
        demandOwnField(actor, person, 'account', force);
        if (person.status !== 'inactive') await setStatus(work, person, 'inactive');
        const ended = removeGroups ? await removeMemberships(tx, org, undefined, [id], at) : [];
        for (const { group_id } of ended) {
          note({ action: 'group.member_removed', target: ['group', group_id], member: id });
        }
        const revoked = revoke ? await revokeApiKeys(tx, org, id, undefined, at) : [];
        for (const key of revoked) note({ action: 'api_key.revoked', target: ['api_key', key] });
        const transferred = transferTo === undefined ? 0 : await handOver(work, id, transferTo, undefined);
        note({ action: 'user.offboarded', target: ['user', id] });
        return { removedGroups: ended.length, revokedApiKeys: revoked.length, transferred };
      }),

    transfer: (by, from, to, resources) =>
      administer.as(by, async (work, actor) => {
        const scope = demand(actor, 'agents:edit');
        if (scope !== 'all' && from !== actor.rights.id) throw forbidden();
        const [owner] = await findPeople(work.tx, work.org, [from], work.at);
        if (owner === undefined) throw noSuchUser();
        return handOver(work, from, to, resources);
      }),

    purge: async () => {
      const origin = {
        actor: { type: 'system', id: 'worker', via: 'schedule' },
        requestId: 'purge',
      } as const;
      let gone = 0;
      for (const { org_id, id } of await findPurgeable(db, now().toISOString())) {
        await administer.on(org_id, origin, async (work) => {
          const person = await findPerson(work.tx, org_id, id, work.at);
          if (person?.deletedAt === undefined) return;
          await eraseWithin(work, { id, owner: false });
          gone += 1;
        });
      }
      return gone;
    },
  };
}
