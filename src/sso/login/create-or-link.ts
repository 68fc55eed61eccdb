import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { MAX_DISPLAY_NAME, presentableName } from '../../directory/users/rules/presentable.ts';
import { insertUser } from '../../directory/users/store/writes.ts';
import { writeUserStatus } from '../../lifecycle/store/status.ts';
import { identityTarget } from '../events.ts';
import type { VerifiedIdentity } from '../rules/account-linking.ts';
import { type IdpGroups, roleOfNewUser } from '../rules/idp-groups.ts';
import { insertIdentity, recordIdentityUse } from '../store/identities.ts';
import { acceptInvitationsOf, type LoginFacts } from '../store/logins.ts';
import type { LoginConnection } from './connection.ts';
import {
  type IdpGroupClaim,
  type KnownUser,
  type LoginUser,
  syncAddress,
  syncGroups,
  syncName,
  syncRole,
} from './sync.ts';

/** Creates, links or updates the user of a login, as the connection's settings say. */
export async function createOrLink(
  context: CommandContext,
  connection: LoginConnection,
  identity: VerifiedIdentity,
  facts: LoginFacts,
  known: KnownUser | undefined,
): Promise<{ readonly user: UserId; readonly groups: IdpGroupClaim }> {
  const { provisioning } = connection;
  const groups: IdpGroups = {
    groups: identity.groups,
    overage: identity.groupsOverage,
    scimPushesGroups: facts.scimPushesGroups,
    provisioning,
  };
  const loginUser: LoginUser = { context, connection, identity, groups };
  if (known === undefined) {
    const user = await createLoginUser(loginUser);
    return { user, groups: await syncGroups(loginUser, user, true) };
  }
  await recognise(loginUser, known);
  await syncName(loginUser, known);
  if (facts.domainVerified) await syncAddress(loginUser, known);
  await syncRole(loginUser, known);
  return { user: known.id, groups: await syncGroups(loginUser, known.id, false) };
}

/** R48: the first login creates an active user without an invitation. */
async function createLoginUser({ context, connection, identity, groups }: LoginUser): Promise<UserId> {
  const { tx, org, at, newId, recordEvent, envelope } = context;
  const { settings } = await findSettings(tx, org);
  const user = newId() as UserId;
  const email = identity.email as string;
  const name = presentableName(identity.name, MAX_DISPLAY_NAME);
  const role = roleOfNewUser(groups, settings);
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
  recordEvent({
    action: 'identity.linked',
    target: identityTarget(connection.id, user),
    member: user,
    changes: { values: { connection: [null, connection.id], by: [null, 'jit'], role: [null, role] } },
  });
  return user;
}

/** Links an existing user if they were not linked, and accepts their pending invitation (R53). */
async function recognise({ context, connection, identity }: LoginUser, known: KnownUser): Promise<void> {
  const { tx, org, at, recordEvent, envelope, requireActiveOwner } = context;
  const { subject } = identity;
  if (known.link === undefined) {
    const names = { known: known.subjectHere ?? subject, subject };
    await recordIdentityUse(tx, org, connection.id, names, at);
  } else {
    const { id: user, link: linkedBy } = known;
    await insertIdentity(tx, org, { connection: connection.id, subject, user, linkedBy }, at);
    recordEvent({
      action: 'identity.linked',
      target: identityTarget(connection.id, user),
      member: user,
      changes: { values: { connection: [null, connection.id], by: [null, linkedBy] } },
    });
  }
  if (!known.activates) return;
  const event = {
    action: 'user.activated',
    changes: { values: { status: ['pending', 'active'] } },
  } as const;
  const write = { status: 'active', event } as const;
  const guard = requireActiveOwner(known.id, false);
  if (!(await writeUserStatus(tx, org, guard, known.version, write, envelope()))) {
    throw new DomainError('conflict', 'This account is being changed: try again.');
  }
  if (await acceptInvitationsOf(tx, org, known.id, at)) {
    recordEvent({ action: 'invitation.accepted', target: ['user', known.id] });
  }
}
