import type { Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { MAX_PERSON_NAME, presentableName } from '../../directory/users/rules/presentable.ts';
import { insertUser } from '../../directory/users/store/writes.ts';
import type { Role } from '../../directory/users/user.ts';
import { writeUserStatus } from '../../lifecycle/store/status.ts';
import { groupsCount, mappedRole, type SaidGroups } from '../rules/idp-groups.ts';
import { insertIdentity, noteIdentityUse } from '../store/identities.ts';
import { type ArrivalFacts, acceptInvitationsOf } from '../store/logins.ts';
import type { SignOnConnection } from './connection.ts';
import type { VerifiedIdentity } from './identity.ts';
import {
  type Arriving,
  followAddress,
  followGroups,
  followName,
  followRole,
  type Known,
  type SaidOfGroups,
} from './sync.ts';

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
    return { user, groups: await followGroups(arriving, user, true) };
  }
  await recognise(arriving, known);
  await followName(arriving, known);
  if (facts.domain_verified) await followAddress(arriving, known);
  if (provisioning.roleSource === 'idp_groups' && !known.role_managed) await followRole(arriving, known);
  return { user: known.id, groups: await followGroups(arriving, known.id, false) };
}

/** R48: the first sign-in makes the person, active, without an invitation. */
async function createPerson({ work, connection, identity, groups }: Arriving): Promise<UserId> {
  const { tx, org, at, newId, note, envelope } = work;
  const { settings } = await findSettings(tx, org);
  const user = newId() as UserId;
  const email = identity.email as string;
  const name = presentableName(identity.name, MAX_PERSON_NAME);
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
    const names = { known: known.subject_here ?? subject, subject };
    await noteIdentityUse(tx, org, connection.id, names, at);
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
  const write = { status: 'active', event } as const;
  if (!(await writeUserStatus(tx, org, known.id, known.version, write, envelope()))) {
    throw new Refusal('conflict', 'This account is being changed: try again.');
  }
  if (await acceptInvitationsOf(tx, org, known.id, at)) {
    note({ action: 'invitation.accepted', target: ['user', known.id] });
  }
}
