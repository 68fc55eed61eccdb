import type { Work } from '../administer.ts';
import { Refusal } from '../errors.ts';
import type { GroupId, UserId } from '../ids.ts';
import { demandTraining } from '../onboarding/training.ts';
import type { LinkedBy } from '../rules/arrival.ts';
import {
  decideGroups,
  type GroupsDecision,
  groupsCount,
  mappedRole,
  type SaidGroups,
} from '../rules/arrival-groups.ts';
import { caseKey } from '../rules/keys.ts';
import { presentableName } from '../rules/presentable.ts';
import { compareRoles } from '../rules/roles.ts';
import { insertLocalGroup } from '../store/group-administration.ts';
import { insertIdentity, noteIdentityUse } from '../store/identities.ts';
import { addMemberships } from '../store/memberships.ts';
import { writeName, writeRole } from '../store/people-writes.ts';
import { endSessions } from '../store/sessions.ts';
import { findSettings } from '../store/settings.ts';
import { type ArrivalFacts, acceptInvitationsOf, type CandidateRow } from '../store/sso-arrivals.ts';
import { findKnownGroups, leaveProviderGroups } from '../store/sso-memberships.ts';
import { insertUser, writeUserStatus } from '../store/user-writes.ts';
import type { Role } from '../users/user.ts';
import type { SignOnConnection } from './connection.ts';
import type { VerifiedIdentity } from './identity.ts';

/** Somebody who is known, and how. */
export interface Known extends CandidateRow {
  /** Undefined: they were linked before. */
  readonly link: LinkedBy | undefined;
  readonly activates: boolean;
}

/** What became of the provider's groups, for the trace. */
type SaidOfGroups = Pick<GroupsDecision, 'follows' | 'ignored'>;

/** What a sign-in brings to an organization. */
interface Arriving {
  readonly work: Work;
  readonly connection: SignOnConnection;
  readonly identity: VerifiedIdentity;
  readonly groups: SaidGroups;
}

/** Makes or updates the person who gets in, as the connection's settings say. */
export async function admit(
  work: Work,
  connection: SignOnConnection,
  identity: VerifiedIdentity,
  facts: ArrivalFacts,
  known: Known | undefined,
): Promise<{ readonly user: UserId; readonly groups: SaidOfGroups }> {
  const { provisioning } = connection;
  const groups: SaidGroups = {
    groups: identity.groups,
    overage: identity.groupsOverage,
    scimPushesGroups: facts.scim_pushes_groups,
    provisioning,
  };
  const arriving: Arriving = { work, connection, identity, groups };
  if (known === undefined) {
    const user = await createPerson(arriving);
    return { user, groups: await followGroups(arriving, user) };
  }
  await recognise(arriving, known);
  await followName(arriving, known);
  if (provisioning.roleSource === 'idp_groups') await followRole(arriving, known);
  return { user: known.id, groups: await followGroups(arriving, known.id) };
}

/** R48: the first sign-in makes the person, active, without an invitation. */
async function createPerson({ work, connection, identity, groups }: Arriving): Promise<UserId> {
  const { tx, org, at, newId, note, envelope } = work;
  const { settings } = await findSettings(tx, org);
  const user = newId() as UserId;
  const email = identity.email as string;
  const name = presentableName(identity.name);
  const { roleMapping, defaultRole } = connection.provisioning;
  const mapped = groupsCount(groups) ? mappedRole(identity.groups, roleMapping) : undefined;
  const role: Role = settings.trainingRequired ? 'readonly' : (mapped ?? defaultRole);
  const profile = {
    ...(name === undefined ? {} : { displayName: name }),
    emails: [{ value: email, type: 'work', primary: true }],
  };
  await insertUser(
    tx,
    org,
    {
      id: user,
      userName: email,
      email,
      status: 'active',
      role,
      owner: false,
      source: 'sso',
      profile,
      emailKeys: [caseKey(email)],
      link: undefined,
    },
    envelope(),
  );
  const { subject } = identity;
  await insertIdentity(tx, org, { connection: connection.id, subject, user, linkedBy: 'jit' }, at);
  note({
    action: 'identity.linked',
    target: ['user', user],
    changes: { values: { connection: [null, connection.id], by: [null, 'jit'], role: [null, role] } },
  });
  return user;
}

/** Links somebody who is known, if they were not, and uses up the invitation that they waited with (R53). */
async function recognise({ work, connection, identity }: Arriving, known: Known): Promise<void> {
  const { tx, org, at, note, envelope } = work;
  const { subject } = identity;
  if (known.link === undefined) {
    await noteIdentityUse(tx, org, connection.id, subject, at);
  } else {
    const { id: user, link: linkedBy } = known;
    await insertIdentity(tx, org, { connection: connection.id, subject, user, linkedBy }, at);
    note({
      action: 'identity.linked',
      target: ['user', user],
      changes: { values: { connection: [null, connection.id], by: [null, linkedBy] } },
    });
  }
  if (!known.activates) return;
  const event = {
    action: 'user.activated',
    changes: { values: { status: ['pending', 'active'] } },
  } as const;
  const write = { status: 'active', membershipsChange: false, event } as const;
  if (!(await writeUserStatus(tx, org, known.id, known.version, write, envelope()))) {
    throw new Refusal('conflict', 'This account is being changed: try again.');
  }
  if (await acceptInvitationsOf(tx, org, known.id, at)) {
    note({ action: 'invitation.accepted', target: ['user', known.id] });
  }
}

/** The name of somebody whom sign-ins made follows the provider, unless SCIM has taken them over (rule 4). */
async function followName({ work, identity }: Arriving, known: Known): Promise<void> {
  const name = presentableName(identity.name);
  if (known.managed || known.source !== 'sso' || name === undefined || name === known.name) return;
  await writeName(work.tx, work.org, known.id, name, work.at);
  work.note({ action: 'user.updated', target: ['user', known.id], changes: { attributes: ['displayName'] } });
}

/** Where the provider's groups are the source of roles, the mapping decides at every sign-in, owners excepted. */
async function followRole({ work, connection, identity, groups }: Arriving, known: Known): Promise<void> {
  const { tx, org, at, note } = work;
  const { roleMapping, defaultRole } = connection.provisioning;
  if (roleMapping.length === 0 || known.owner || !groupsCount(groups)) return;
  const role = mappedRole(identity.groups, roleMapping) ?? defaultRole;
  if (role === known.role) return;
  const less = compareRoles(role, known.role) < 0;
  if (!less && !(await isTrained(work, known.id, role))) return;
  await writeRole(tx, org, known.id, role, false, at);
  if (less) await endSessions(tx, org, known.id, {}, at);
  note({
    action: 'user.role_changed',
    target: ['user', known.id],
    changes: { values: { role: [known.role, role] } },
  });
}

async function isTrained(work: Work, user: UserId, role: Role): Promise<boolean> {
  const { settings } = await findSettings(work.tx, work.org);
  try {
    await demandTraining(work, settings, user, role);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Joins and leaves groups as the provider says: only what sign-ins gave is taken back (PRODUCT §1.4). */
async function followGroups(
  { work, connection, identity, groups }: Arriving,
  user: UserId,
): Promise<SaidOfGroups> {
  const { tx, org, at, newId, note } = work;
  if (!groupsCount(groups)) return { follows: false, ignored: [] };
  const known = await findKnownGroups(tx, org, connection.id, identity.groups ?? []);
  const { join, create, follows, ignored } = decideGroups(groups, known);
  const made: GroupId[] = [];
  for (const name of create) {
    const id = newId() as GroupId;
    await insertLocalGroup(tx, org, id, { name, description: null, role: null }, 'sso', at);
    note({
      action: 'group.created',
      target: ['group', id],
      changes: { values: { displayName: [null, name] } },
    });
    made.push(id);
  }
  const all = [...join, ...made];
  const share = { source: 'jit', inGroupRole: 'member' } as const;
  for (const { group_id } of await addMemberships(tx, org, all, [user], share, at)) {
    note({ action: 'group.member_added', target: ['group', group_id], member: user });
  }
  for (const { group_id } of await leaveProviderGroups(tx, org, user, all, at)) {
    note({ action: 'group.member_removed', target: ['group', group_id], member: user });
  }
  return { follows, ignored };
}
