import type { EventChanges } from '../../audit/catalogue.ts';
import { type EventEnvelope, envelope } from '../../audit/envelope.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor } from '../../platform/db/statement.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Provisioner } from '../actor.ts';
import { DomainError } from '../errors.ts';
import type { GroupId, OrgId, UserId } from '../ids.ts';
import { notFound } from '../not-found.ts';
import { MAX_KEY_LENGTH, tooLong } from '../rules/comparison-keys.ts';
import { changedAttributes } from '../users/rules/differences.ts';
import { isMisleading, oneLineName } from '../users/rules/presentable.ts';
import { createWriteQueue } from '../write-queue.ts';
import {
  changesMembers,
  type GroupFields,
  type GroupRecord,
  type MemberDelta,
  noMemberChange,
} from './group.ts';
import { loadGroup } from './store/rows.ts';
import {
  changeMembers,
  deleteGroupRow,
  type GroupWrite,
  insertGroup,
  lockGroup,
  updateGroupRow,
} from './store/writes.ts';

/** Ids that an error names. */
const MAX_LISTED = 20;

/** A requested change of a group. Without `change` only members change, and the group itself is not read. */
export interface GroupIntent {
  readonly change: ((current: GroupRecord) => GroupFields) | undefined;
  readonly members: MemberDelta;
  /** What the change is conditional on: false is `version_mismatch`. */
  readonly mayChange: ((current: GroupRecord) => boolean) | undefined;
}

/** What became of a group: the names of attributes that changed, and how many members were added and removed. */
export interface GroupChange {
  readonly attributes: readonly string[];
  readonly added: number;
  readonly removed: number;
}

export interface GroupCommands {
  /** @throws DomainError `group_name_taken`, `unknown_member`, `value_too_long` */
  create(by: Provisioner, fields: GroupFields, members: ReadonlySet<UserId>): Promise<GroupId>;
  /** @throws DomainError `not_found`, `version_mismatch`, `contended` and those of `create`; whatever `change` throws */
  update(by: Provisioner, id: GroupId, intent: GroupIntent): Promise<GroupChange>;
  /** @throws DomainError `not_found`, `version_mismatch`, `contended` */
  remove(by: Provisioner, id: GroupId, mayChange: GroupIntent['mayChange']): Promise<void>;
}

/** Builds the commands that change groups. */
export function createGroupCommands({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): GroupCommands {
  const inQueue = createWriteQueue();
  const begin = (by: Provisioner): EventEnvelope => {
    const time = now();
    return envelope(by.origin, uuidv7(time.getTime()), time.toISOString());
  };

  /**
   * Replacements of all members run one at a time: a statement cannot remove members that another uncommitted statement
   * adds.
   */
  const inTurn = (
    org: OrgId,
    id: GroupId,
    { clear }: MemberDelta,
    write: (executor: Executor) => Promise<GroupWrite>,
  ): Promise<GroupWrite> =>
    clear
      ? db.transaction(org, async (tx) => {
          await lockGroup(tx, org, id);
          return write(tx);
        })
      : write(db);

  const writeMembers = (by: Provisioner, id: GroupId, members: MemberDelta): Promise<GroupWrite> =>
    inTurn(by.org, id, members, (executor) =>
      changeMembers(executor, by.org, { id, members, event: begin(by) }),
    );

  /**
   * Changes members alone, on a condition: it is checked while no other user changes members on one. The row of the
   * group is not written, so that a change that changes nothing leaves the version.
   */
  const writeMembersIf = (by: Provisioner, id: GroupId, { members, mayChange }: GroupIntent) =>
    mayChange === undefined
      ? writeMembers(by, id, members)
      : db.transaction(by.org, async (tx) => {
          await lockGroup(tx, by.org, id);
          const loaded = await loadGroup(tx, by.org, by.connection, id);
          if (loaded === undefined) throw notFound('group');
          if (!mayChange(loaded.record)) throw mismatch();
          return changeMembers(tx, by.org, { id, members, event: begin(by) });
        });

  /** One round of load → decide → commit. @returns undefined if the race was lost */
  const attempt = async (
    by: Provisioner,
    id: GroupId,
    intent: GroupIntent,
  ): Promise<GroupChange | undefined> => {
    const loaded = await loadGroup(db, by.org, by.connection, id);
    if (loaded === undefined) throw notFound('group');
    const { record, baseVersion } = loaded;
    if (intent.mayChange?.(record) === false) throw mismatch();
    const before = toFields(record);
    const fields = withOneLineName(intent.change?.(record) ?? before);
    checkLengths(fields);
    const changes = decideGroupChanges(before, fields);
    if (changes === undefined && !changesMembers(intent.members)) return UNCHANGED;
    if (changes === undefined) return changeOf(accept(await writeMembersIf(by, id, intent)));
    const { connection, org } = by;
    const { members } = intent;
    const write = await inTurn(org, id, members, (executor) =>
      updateGroupRow(
        executor,
        org,
        { id, connection, fields, members, changes, event: begin(by) },
        baseVersion,
      ),
    );
    return accept(write).written ? changeOf(write, changes.attributes) : undefined;
  };

  return {
    create: async (by, requested, users) => {
      const fields = withOneLineName(requested);
      checkLengths(fields);
      const event = begin(by);
      const id = uuidv7(now().getTime()) as GroupId;
      const changes = { values: { displayName: [null, fields.name] as const } };
      const members = { ...noMemberChange, add: users };
      const { org, connection } = by;
      accept(await insertGroup(db, org, { id, connection, fields, members, changes, event }));
      return id;
    },

    update: async (by, id, intent) => {
      if (intent.change === undefined && intent.mayChange === undefined && changesMembers(intent.members)) {
        const write = accept(await writeMembers(by, id, intent.members));
        if (!write.written) throw notFound('group');
        return changeOf(write);
      }
      return inQueue(`${by.org} ${id}`, () => attempt(by, id, intent));
    },

    remove: async (by, id, mayChange) => {
      await inQueue(`${by.org} ${id}`, async () => {
        let baseVersion: number | undefined;
        if (mayChange !== undefined) {
          const loaded = await loadGroup(db, by.org, by.connection, id);
          if (loaded === undefined) throw notFound('group');
          if (!mayChange(loaded.record)) throw mismatch();
          baseVersion = loaded.baseVersion;
        }
        if (await deleteGroupRow(db, by.org, id, baseVersion, begin(by))) return true;
        if (mayChange === undefined) throw notFound('group');
        return undefined;
      });
    },
  };
}

const UNCHANGED: GroupChange = { attributes: [], added: 0, removed: 0 };

const changeOf = ({ added, removed }: GroupWrite, attributes: readonly string[] = []): GroupChange => ({
  attributes,
  added,
  removed,
});

/** @returns the names of what differs, and a group's name itself since it is no user's; undefined if nothing does */
function decideGroupChanges(
  before: GroupFields,
  after: GroupFields,
): (EventChanges & { readonly attributes: readonly string[] }) | undefined {
  const attributes = [
    ...(before.name === after.name ? [] : ['displayName']),
    ...(before.externalId === after.externalId ? [] : ['externalId']),
    ...changedAttributes(before.profile, after.profile),
  ];
  if (attributes.length === 0) return undefined;
  const renamed = before.name !== after.name;
  return {
    attributes,
    ...(renamed ? { values: { displayName: [before.name, after.name] } } : {}),
  };
}

function toFields(record: GroupRecord): GroupFields {
  return {
    name: record.name,
    externalId: record.externalId,
    profile: JSON.parse(record.profile) as GroupFields['profile'],
  };
}

function accept(write: GroupWrite): GroupWrite {
  if (write.missing.length > 0) {
    throw new DomainError(
      'unknown_member',
      `User not found: ${listed(write.missing)}. Members must be existing users, and nested groups are not supported.`,
    );
  }
  return write;
}

/** The first of many ids, and how many more there are. */
function listed(ids: readonly string[]): string {
  const rest = ids.length - MAX_LISTED;
  return ids.slice(0, MAX_LISTED).join(', ') + (rest > 0 ? ` (and ${rest} others)` : '');
}

/** A name goes into mails and lists: what a directory sends on several lines is kept on one. */
function withOneLineName(fields: GroupFields): GroupFields {
  const { name } = fields;
  if (name.length > MAX_KEY_LENGTH || !isMisleading(name)) return fields;
  const clean = oneLineName(name);
  return clean === '' ? fields : { ...fields, name: clean };
}

function checkLengths(fields: GroupFields): void {
  const offender = tooLong([
    ['displayName', fields.name],
    ['externalId', fields.externalId],
  ]);
  if (offender !== undefined) {
    throw new DomainError('value_too_long', `${offender} has more than ${MAX_KEY_LENGTH} characters.`);
  }
}

const mismatch = () =>
  new DomainError(
    'version_mismatch',
    'The group has changed since that version: read it again, then repeat the change.',
  );
