import type { Database } from '../../platform/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Provisioner } from '../actor.ts';
import { Refusal } from '../errors.ts';
import { type EventEnvelope, envelope } from '../events.ts';
import type { UserId } from '../ids.ts';
import { commit } from '../postconditions.ts';
import { emailKeys, emailsOf, primaryEmail } from '../rules/emails.ts';
import { caseKey, displayNameKey, MAX_KEY_LENGTH, tooLong } from '../rules/keys.ts';
import { isPersonName, MAX_PERSON_NAME, oneLineName } from '../rules/presentable.ts';
import { decideUserChanges, statusChange } from '../rules/user-changes.ts';
import { eraseUser, softDeleteUser } from '../store/user-erasure.ts';
import { findNameHolders, type LoadedUser, loadUser } from '../store/user-rows.ts';
import { insertUser, switchUserStatus, updateUserRow } from '../store/user-writes.ts';
import type { UserFields, UserRecord, UserState } from './user.ts';

/** Times a command loads again after it lost a race, before it gives up with `conflict`: each round somebody wins. */
const ATTEMPTS = 16;

export interface UserCommandDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

/** What an update may be conditional on: true lets it pass, false is `version_mismatch`. */
export type VersionCheck = (current: UserRecord) => boolean;

export interface UserCommands {
  /**
   * Creates a user. One that came by another door and that no connection provisions is taken over instead,
   * if its userName or its e-mail is the new one's.
   * @throws Refusal `user_name_taken`, `email_taken`, `external_id_taken`, `value_too_long`, `last_owner`, `owner_address`
   */
  create(by: Provisioner, fields: UserFields): Promise<UserRecord>;
  /**
   * Makes a user what `change` says of its present state; called again if a race was lost. From then on the
   * connection provisions the user.
   * @throws Refusal `not_found`, `version_mismatch`, `conflict` and those of `create`; whatever `change` throws
   */
  update(
    by: Provisioner,
    id: UserId,
    change: (current: UserRecord) => UserFields,
    mayChange?: VersionCheck,
  ): Promise<UserRecord>;
  /** Activates or deactivates a user, and changes nothing else. @throws Refusal those of `update` */
  setActive(by: Provisioner, id: UserId, active: boolean): Promise<UserRecord>;
  /** Hides a user and frees its names, or erases it if the organization wants it so (R92). @throws Refusal `not_found`, `version_mismatch`, `conflict`, `last_owner` */
  remove(by: Provisioner, id: UserId, mayChange?: VersionCheck): Promise<void>;
}

/** Builds the commands that change users. */
export function createUserCommands({ db, now }: UserCommandDependencies): UserCommands {
  const begin = (by: Provisioner): { id: UserId; event: EventEnvelope } => {
    const time = now();
    const event = envelope(by.origin, uuidv7(time.getTime()), time.toISOString());
    return { id: uuidv7(time.getTime()) as UserId, event };
  };

  /** One round of load → decide → commit. @returns undefined if the race was lost */
  const attempt = async (
    by: Provisioner,
    loaded: LoadedUser,
    asked: UserFields,
  ): Promise<UserRecord | undefined> => {
    const { record } = loaded;
    const fields = withOneLineName(asked);
    checkLengths(fields, fieldsOf(record));
    const changes = decideUserChanges(toState(loaded), fields);
    if (changes === undefined) return record;
    if (changes.ownerMoves) throw ownerAddress();
    const { event } = begin(by);
    const written = await commit(db, by.org, changes.ownerLeaves ? ['an_owner_is_active'] : [], (executor) =>
      updateUserRow(executor, by.org, by.connection, record.id, record.version, changes, event),
    );
    if (!written) return undefined;
    return {
      ...record,
      userName: changes.userName,
      status: changes.status,
      version: record.version + 1,
      externalId: changes.externalId,
      updatedAt: event.at,
      profile: changes.profile === undefined ? record.profile : JSON.stringify(changes.profile),
    };
  };

  const update: UserCommands['update'] = async (by, id, change, mayChange) => {
    for (let left = ATTEMPTS; left > 0; left -= 1) {
      const loaded = await loadUser(db, by.org, by.connection, id);
      if (loaded === undefined) throw notFound();
      if (mayChange?.(loaded.record) === false) throw mismatch();
      const updated = await attempt(by, loaded, change(loaded.record));
      if (updated !== undefined) return updated;
    }
    throw conflict();
  };

  /** The user to take over instead of creating one: exactly one stands in the way, and nobody provisions it. */
  const adoptable = async (by: Provisioner, fields: UserFields): Promise<UserId | undefined> => {
    const email = primaryEmail(fields.profile, fields.userName);
    const inTheWay = await findNameHolders(
      db,
      by.org,
      caseKey(fields.userName),
      email === undefined ? undefined : caseKey(email),
    );
    const [only] = inTheWay;
    return inTheWay.length === 1 && only?.provisioned === false ? only.id : undefined;
  };

  return {
    update,

    setActive: async (by, id, active) => {
      const change = active ? statusChange('inactive', 'active') : statusChange('active', 'inactive');
      const { event } = begin(by);
      const switched = await switchUserStatus(db, by.org, by.connection, id, change, event);
      return switched ?? update(by, id, (current) => ({ ...fieldsOf(current), active }));
    },

    create: async (by, asked) => {
      const fields = withOneLineName(asked);
      checkLengths(fields, undefined);
      const { id, event } = begin(by);
      try {
        await insertUser(
          db,
          by.org,
          {
            id,
            userName: fields.userName,
            email: primaryEmail(fields.profile, fields.userName),
            status: fields.active ? 'active' : 'inactive',
            role: 'readonly',
            owner: false,
            source: 'scim',
            profile: fields.profile,
            emailKeys: emailKeys(fields.profile),
            link: { connection: by.connection, externalId: fields.externalId },
          },
          event,
        );
      } catch (error) {
        if (!(error instanceof Refusal) || (error.code !== 'user_name_taken' && error.code !== 'email_taken'))
          throw error;
        const present = await adoptable(by, fields);
        if (present === undefined) throw error;
        return update(by, present, () => fields);
      }
      return {
        id,
        userName: fields.userName,
        status: fields.active ? 'active' : 'inactive',
        version: 1,
        externalId: fields.externalId,
        createdAt: event.at,
        updatedAt: event.at,
        profile: JSON.stringify(fields.profile),
        memberships: [],
      };
    },

    remove: async (by, id, mayChange) => {
      for (let left = ATTEMPTS; left > 0; left -= 1) {
        const loaded = await loadUser(db, by.org, by.connection, id);
        if (loaded === undefined) throw notFound();
        if (mayChange?.(loaded.record) === false) throw mismatch();
        const state = toState(loaded);
        const postconditions =
          state.owner && state.status === 'active' ? (['an_owner_is_active'] as const) : [];
        const { event } = begin(by);
        const keys = emailKeys(state.profile);
        const write = loaded.erases ? eraseUser : softDeleteUser;
        const written = await commit(db, by.org, postconditions, (executor) =>
          write(executor, by.org, id, loaded.record.version, keys, event),
        );
        if (written) return;
      }
      throw conflict();
    },
  };
}

function fieldsOf({ userName, status, externalId, profile }: UserRecord): UserFields {
  return {
    userName,
    active: status !== 'inactive',
    externalId,
    profile: JSON.parse(profile) as UserFields['profile'],
  };
}

function toState({ record, owner, linked }: LoadedUser): UserState {
  return {
    userName: record.userName,
    status: record.status,
    owner,
    inGroups: record.memberships.length > 0,
    linked,
    externalId: record.externalId,
    profile: JSON.parse(record.profile) as UserState['profile'],
  };
}

/** A name goes into mails: what a directory sends on several lines is kept on one. */
function withOneLineName(fields: UserFields): UserFields {
  const name = fields.profile['displayName'];
  if (typeof name !== 'string' || name.length > MAX_KEY_LENGTH) return fields;
  const displayName = oneLineName(name);
  return displayName === name ? fields : { ...fields, profile: { ...fields.profile, displayName } };
}

/** @param before what is there already: a name that was longer before the limit stays */
function checkLengths(fields: UserFields, before: UserFields | undefined): void {
  const name = fields.profile['displayName'];
  if (typeof name === 'string' && !isPersonName(name) && name !== before?.profile['displayName']) {
    throw new Refusal('value_too_long', `displayName has more than ${MAX_PERSON_NAME} characters.`);
  }
  const offender = tooLong([
    ['userName', fields.userName],
    ['displayName', displayNameKey(fields.profile) ?? undefined],
    ['externalId', fields.externalId],
    ...emailsOf(fields.profile).map(({ value }) => ['emails.value', value] as const),
  ]);
  if (offender !== undefined) {
    throw new Refusal('value_too_long', `${offender} has more than ${MAX_KEY_LENGTH} characters.`);
  }
}

const notFound = () => new Refusal('not_found', 'There is no such user.');
const ownerAddress = () =>
  new Refusal(
    'owner_address',
    'This user is an owner (Super Admin) of the organization, and provisioning does not change the userName or e-mail that an owner signs in with: send them as they are, or let another owner take the ownership away first.',
  );
const mismatch = () =>
  new Refusal(
    'version_mismatch',
    'The user has changed since that version: read it again, then repeat the change.',
  );
const conflict = () =>
  new Refusal('conflict', 'Others change this user all the time: try again in a moment.');
