import type { CommandContext } from '../command-runner.ts';
import {
  addMemberships,
  type LeavingMembers,
  type NewMembers,
  removeMemberships,
} from './store/memberships.ts';

/** What a change of memberships needs of the transaction that it is in. */
type MembershipContext = Pick<CommandContext, 'tx' | 'org' | 'at' | 'recordEvent'>;

/** Puts users into groups and records an event for each membership that is new. @returns how many are */
export async function addToGroups(context: MembershipContext, members: NewMembers): Promise<number> {
  const { tx, org, at, recordEvent } = context;
  const added = await addMemberships(tx, org, members, at);
  for (const { group, user } of added) {
    recordEvent({ action: 'group.member_added', target: ['group', group], member: user });
  }
  return added.length;
}

/** Takes users out of groups and records an event for each membership that ended. @returns how many did */
export async function removeFromGroups(context: MembershipContext, leaving: LeavingMembers): Promise<number> {
  const { tx, org, at, recordEvent } = context;
  const removed = await removeMemberships(tx, org, leaving, at);
  for (const { group, user } of removed) {
    recordEvent({ action: 'group.member_removed', target: ['group', group], member: user });
  }
  return removed.length;
}
