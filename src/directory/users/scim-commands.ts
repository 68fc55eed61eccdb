import { type EventEnvelope, envelope } from '../../audit/envelope.ts';
import { softDeleteUser } from '../../lifecycle/store/erasure.ts';
import { switchUserStatus } from '../../lifecycle/store/status.ts';
import type { Database } from '../../platform/db/database.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { recordHeld, requireNoMassChange } from '../../provisioning/mass-change.ts';
import { insertWaitingErasure } from '../../provisioning/store/removals.ts';
import type { Provisioner } from '../actor.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { type AfterWrite, commit } from '../last-owner.ts';
import { notFound } from '../not-found.ts';
import { DEFAULT_ROLE, roleOf } from '../roles/rules/provisioned-roles.ts';
import { caseKey } from '../rules/comparison-keys.ts';
import { createWriteQueue } from '../write-queue.ts';
import { checkLengths, fieldsOf, toState, withOneLineName } from './fields.ts';
import { permittedRole, recordToChange, requestedWithRole } from './provisioned-role.ts';
import { decideUserChanges, statusChange } from './rules/changes.ts';
import { emailKeys, primaryEmail } from './rules/emails.ts';
import { findNameHolders, type LoadedUser, loadUser } from './store/users.ts';
import { insertUser, type NewUser, updateUserRow, type WrittenUser } from './store/writes.ts';
import { isDomainError, withAddress } from './taken-address.ts';
import type { UserFields, UserRecord, WrittenUserRecord } from './user.ts';

const HOUR_MS = 3_600_000;
/** How often a user who is in the way of a new one is looked for, who may come and go meanwhile. */
const ADOPTION_ATTEMPTS = 3;

export interface UserCommandDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

/** What an update may be conditional on: true lets it pass, false is `version_mismatch`. */
export type VersionCheck = (current: UserRecord) => boolean;

export interface UserCommands {
  /**
   * Creates a user. An existing user with this userName or e-mail that no connection provisions yet is taken
   * over instead. An e-mail address that another user signs in with is kept,
   * and is no sign-in address, unless the connection wants addresses to be unique.
   * @throws DomainError `user_name_taken`, `email_taken`, `value_too_long`, `last_owner`, `owner_address`
   */
  create(by: Provisioner, fields: UserFields): Promise<WrittenUserRecord>;
  /**
   * Applies `change` to the user's current state; called again if a race was lost. From then on the
   * connection provisions the user.
   * @throws DomainError `not_found`, `version_mismatch`, `contended` and those of `create`; whatever `change` throws
   */
  update(
    by: Provisioner,
    id: UserId,
    change: (current: UserRecord) => UserFields,
    mayChange?: VersionCheck,
  ): Promise<WrittenUserRecord>;
  /** Activates or deactivates a user, and changes nothing else. @throws DomainError those of `update` */
  setActive(by: Provisioner, id: UserId, active: boolean): Promise<WrittenUserRecord>;
  /**
   * Hides a user and frees its names; if the organization wants it so, it is erased once the window has passed in which a
   * mass change would show (R92).
   * @throws DomainError `not_found`, `version_mismatch`, `contended`, `last_owner`
   */
  remove(by: Provisioner, id: UserId, mayChange?: VersionCheck): Promise<void>;
}

/** Builds the commands that change users. */
export function createUserCommands({ db, now }: UserCommandDependencies): UserCommands {
  const inQueue = createWriteQueue();
  const begin = (by: Provisioner): EventEnvelope => {
    const time = now();
    return envelope(by.origin, uuidv7(time.getTime()), time.toISOString());
  };

  /** Counts a removal where the connection holds mass changes, and tells of one that is held. */
  const removing = (by: Provisioner): AfterWrite => {
    if (!by.settings.holdsMassChanges) return undefined;
    return (tx) => requireNoMassChange(tx, by, now());
  };
  const tellingOfHeld = async <Result>(by: Provisioner, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      if (isDomainError(error, 'mass_change_held')) await recordHeld(db, by, now());
      throw error;
    }
  };

  /** One round of load → decide → commit. @returns undefined if the race was lost */
  const attempt = async (
    by: Provisioner,
    loaded: LoadedUser,
    requested: UserFields,
  ): Promise<WrittenUserRecord | undefined> => {
    const { record, emailSharedWith } = loaded;
    const { fields, role: intended } = requestedWithRole(by, loaded, withOneLineName(requested));
    checkLengths(fields, fieldsOf(record));
    const roleChange = { user: record.id, from: loaded.role, to: intended, owner: loaded.owner };
    const role =
      intended === loaded.role ? intended : await permittedRole(db, by, roleChange, now().toISOString());
    const changes = decideUserChanges(toState(loaded), fields, role);
    if (changes === undefined) return { ...record, emailSharedWith, events: [] };
    if (changes.ownerMoves) throw ownerAddress();
    const event = begin(by);
    const keepsShared = emailSharedWith !== undefined && !changes.emailChanges;
    const isSharingAllowed = !by.settings.uniqueEmails || !changes.emailChanges;
    const written = await withAddress(keepsShared, isSharingAllowed, (mayShare) =>
      commit(
        db,
        by.org,
        { user: record.id, ...changes },
        async (executor, guard) => {
          if (changes.roleChanges && (await permittedRole(executor, by, roleChange, event.at)) !== role) {
            return undefined;
          }
          return updateUserRow(
            executor,
            by.org,
            by.connection,
            guard,
            record.version,
            changes,
            event,
            mayShare,
          );
        },
        changes.status === 'inactive' && record.status !== 'inactive' ? removing(by) : undefined,
      ),
    );
    if (written === undefined) return undefined;
    return {
      ...record,
      userName: changes.userName,
      status: changes.status,
      version: record.version + 1,
      externalId: changes.externalId,
      updatedAt: event.at,
      profile: changes.profile === undefined ? record.profile : JSON.stringify(changes.profile),
      emailSharedWith: changes.statusOnly ? emailSharedWith : written.emailSharedWith,
      events: changes.events,
    };
  };

  const update: UserCommands['update'] = (by, id, change, mayChange) =>
    tellingOfHeld(by, () =>
      inQueue(`${by.org} ${id}`, async () => {
        const loaded = await loadUser(db, by.org, by.connection, id);
        if (loaded === undefined) throw notFound('user');
        if (mayChange?.(loaded.record) === false) throw mismatch();
        return attempt(by, loaded, change(recordToChange(by, loaded)));
      }),
    );

  /**
   * The user to take over instead of creating one: the only one with the userName or the e-mail that no connection
   * provisions. A match by userName takes precedence over one by e-mail, which two users may share.
   */
  const adoptable = async (by: Provisioner, fields: UserFields): Promise<UserId | undefined> => {
    const email = primaryEmail(fields.profile, fields.userName);
    const inTheWay = await findNameHolders(
      db,
      by.org,
      caseKey(fields.userName),
      email === undefined ? undefined : caseKey(email),
    );
    const [first] = inTheWay;
    const named = by.settings.uniqueEmails ? undefined : inTheWay.find(({ hasUserName }) => hasUserName);
    const only = named ?? (inTheWay.length === 1 ? first : undefined);
    return only?.provisioned === false ? only.id : undefined;
  };

  /**
   * Takes a user over. Whether that is still possible is asked behind the version that is written.
   * @returns undefined if another connection took the user over, or the user has gone
   */
  const adopt = (by: Provisioner, id: UserId, fields: UserFields): Promise<WrittenUserRecord | undefined> =>
    tellingOfHeld(by, async () => {
      type Adoption = { readonly user: WrittenUserRecord | undefined };
      const { user } = await inQueue<Adoption>(`${by.org} ${id}`, async () => {
        const loaded = await loadUser(db, by.org, by.connection, id);
        if (loaded === undefined || (await adoptable(by, fields)) !== id) return { user: undefined };
        const written = await attempt(by, loaded, fields);
        return written && { user: written };
      });
      return user;
    });

  return {
    update,

    setActive: async (by, id, active) => {
      const change = active ? statusChange('inactive', 'active') : statusChange('active', 'inactive');
      const event = begin(by);
      const isRemoval = !active && by.settings.holdsMassChanges;
      const switched = isRemoval
        ? undefined
        : await switchUserStatus(db, by.org, by.connection, id, change, event);
      if (switched !== undefined) {
        return { ...switched, emailSharedWith: undefined, events: [change.event] };
      }
      return update(by, id, (current) => ({ ...fieldsOf(current), active }));
    },

    create: async (by, requested) => {
      const fields = withOneLineName(requested);
      checkLengths(fields, undefined);
      const event = begin(by);
      const id = uuidv7(now().getTime()) as UserId;
      const isSource = by.settings.roleSource === 'scim_roles';
      const intended = isSource ? roleOf(fields.profile, by.settings.roleAliases) : DEFAULT_ROLE;
      const roleChange = { user: undefined, from: DEFAULT_ROLE, to: intended, owner: false };
      const role = intended === DEFAULT_ROLE ? intended : await permittedRole(db, by, roleChange, event.at);
      const user: NewUser = {
        id,
        userName: fields.userName,
        email: primaryEmail(fields.profile, fields.userName),
        status: fields.active ? 'active' : 'inactive',
        role,
        owner: false,
        source: 'scim',
        profile: fields.profile,
        emailKeys: emailKeys(fields.profile),
        link: { connection: by.connection, externalId: fields.externalId },
      };
      const risks = { user: id, ownerLeaves: false, roleChanges: role !== DEFAULT_ROLE };
      const insert = (mayShare: boolean) =>
        commit(db, by.org, risks, async (executor) => {
          if (role !== DEFAULT_ROLE) await permittedRole(executor, by, roleChange, event.at);
          return insertUser(executor, by.org, user, event, mayShare);
        });
      let written: WrittenUser | undefined;
      for (let left = ADOPTION_ATTEMPTS; written === undefined; left -= 1) {
        try {
          written = await insert(false);
        } catch (error) {
          if (!isDomainError(error, 'user_name_taken') && !isDomainError(error, 'email_taken')) throw error;
          const present = await adoptable(by, fields);
          if (present !== undefined) {
            const adopted = await adopt(by, present, fields);
            if (adopted !== undefined) return adopted;
            if (left > 1) continue;
          }
          if (!isDomainError(error, 'email_taken') || by.settings.uniqueEmails) throw error;
          written = await withAddress(true, true, insert);
        }
      }
      return {
        id,
        userName: fields.userName,
        status: user.status,
        version: 1,
        externalId: fields.externalId,
        createdAt: event.at,
        updatedAt: event.at,
        profile: JSON.stringify(fields.profile),
        memberships: [],
        emailSharedWith: written.emailSharedWith,
        events: [{ action: 'user.created' }],
      };
    },

    remove: async (by, id, mayChange) => {
      const work = async () => {
        const loaded = await loadUser(db, by.org, by.connection, id);
        if (loaded === undefined) throw notFound('user');
        if (mayChange?.(loaded.record) === false) throw mismatch();
        const state = toState(loaded);
        const ownerLeaves = state.owner && state.status === 'active';
        const event = begin(by);
        const keys = emailKeys(state.profile);
        const risks = { user: id, ownerLeaves, roleChanges: false };
        // Who was deactivated within the hour is counted already.
        const isCounted =
          state.status === 'inactive' && Date.parse(loaded.record.updatedAt) > now().getTime() - HOUR_MS;
        const count = isCounted ? undefined : removing(by);
        // Nothing is erased before it is known that this is no mass change.
        const after: AfterWrite = loaded.erases
          ? async (tx) => {
              await count?.(tx);
              await insertWaitingErasure(tx, by.org, id, by.connection, event.at);
            }
          : count;
        const isWritten = await commit(
          db,
          by.org,
          risks,
          (executor, guard) => softDeleteUser(executor, by.org, guard, loaded.record.version, keys, event),
          after,
        );
        return isWritten || undefined;
      };
      await tellingOfHeld(by, () => inQueue(`${by.org} ${id}`, work));
    },
  };
}

const ownerAddress = () =>
  new DomainError(
    'owner_address',
    'This user is an owner of the organization, and provisioning does not change the userName or e-mail that an owner signs in with: send them as they are, or let another owner take the ownership away first.',
  );
const mismatch = () =>
  new DomainError(
    'version_mismatch',
    'The user has changed since that version: read it again, then repeat the change.',
  );
