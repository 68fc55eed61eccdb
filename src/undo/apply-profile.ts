import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import { forbidden, OWNERS_ONLY, requireManage } from '../directory/roles/rules/guards.ts';
import { fieldsOf, toState } from '../directory/users/fields.ts';
import { decideUserChanges } from '../directory/users/rules/changes.ts';
import { findPreviousProfile } from '../directory/users/store/previous.ts';
import { loadUser } from '../directory/users/store/users.ts';
import { updateUserRow } from '../directory/users/store/writes.ts';
import type { DirectoryUser, Profile } from '../directory/users/user.ts';
import type { Batch } from './batch.ts';
import { leftAsIs, UNDONE } from './outcome.ts';
import type { PlannedItem } from './rules/plan.ts';
import type { ItemOutcome } from './store/items.ts';
import { findAttributesSince } from './store/past.ts';

/** No connection: an undo of anything else changes what no connection calls a user. */
const NO_CONNECTION = '00000000-0000-0000-0000-000000000000' as ConnectionId;

/**
 * Gives the attributes that the batch changed the values that they had; all others stay.
 * @throws DomainError `email_taken`, `user_name_taken`, `forbidden`, `conflict`
 */
export async function undoProfile(
  { tx, org, envelope, requireActiveOwner }: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { attributes, at }: PlannedItem,
  { batch, requestId }: { readonly batch: Batch; readonly requestId: string },
): Promise<ItemOutcome> {
  requireManage(by, user, 'whole account');
  const since = await findAttributesSince(tx, org, user.id, batch, at, requestId);
  if (since.some((name) => attributes.includes(name))) {
    return leftAsIs('These attributes were changed again since.');
  }
  const connection = batch.kind === 'connection' ? (batch.id as ConnectionId) : NO_CONNECTION;
  const before = await findPreviousProfile(tx, org, user.id, at);
  const loaded = await loadUser(tx, org, connection, user.id);
  if (before === undefined || loaded === undefined) {
    return { result: 'skip', code: 'not_kept', message: 'What was there before is not kept any more.' };
  }
  const current = fieldsOf(loaded.record);
  const fields = {
    ...current,
    userName: attributes.includes('userName') ? before.userName : current.userName,
    profile: withAttributes(current.profile, before.profile, attributes),
  };
  // Who provisions the user stays as it is.
  const changes = decideUserChanges({ ...toState(loaded), linked: true }, fields);
  if (changes === undefined) return leftAsIs('The attributes have the values from before already.');
  if (changes.ownerMoves && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);
  const guard = requireActiveOwner(user.id, false);
  const { version } = loaded.record;
  const written = await updateUserRow(tx, org, connection, guard, version, changes, envelope());
  if (written === undefined) {
    throw new DomainError('conflict', 'Another change of this user came first: undo it once more.');
  }
  return UNDONE;
}

/** A profile with some attributes of another one. */
function withAttributes(current: Profile, before: Profile, attributes: readonly string[]): Profile {
  const values = new Map(Object.entries(current));
  const old = new Map(Object.entries(before));
  for (const name of attributes) {
    if (old.has(name)) values.set(name, old.get(name));
    else values.delete(name);
  }
  return Object.fromEntries(values);
}
