import { type Membership, type Operation, patchBody, removalOf } from '../operations.ts';

/** Members who are there to be removed: more than a slice removes. */
const AHEAD = 1_000;

/** Sends a PATCH of a group. */
type Patch = (group: string, body: string) => Promise<void>;

/**
 * Makes the memberships of a peer what an operation needs them to be before a slice, with requests of SCIM: what
 * was added is removed again, and what is to be removed next is added.
 * @param number of the operation's next request
 */
export async function prepareMemberships(
  { kind, membership }: Operation,
  prepared: { next: number },
  number: number,
  patch: Patch,
): Promise<void> {
  if (membership === undefined) return;
  const isRemoval = kind === 'remove-member';
  const end = isRemoval ? number + AHEAD : number;
  const first = isRemoval ? Math.max(prepared.next, number) : prepared.next;
  prepared.next = end;
  for (const [group, users] of byGroup(first, end, membership)) {
    const body = isRemoval
      ? patchBody({ op: 'add', path: 'members', value: users.map((value) => ({ value })) })
      : patchBody(...users.map(removalOf));
    await patch(group, body);
  }
}

function byGroup(
  first: number,
  end: number,
  membership: (n: number) => Membership,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (let n = first; n < end; n += 1) {
    const { group, user } = membership(n);
    groups.set(group, [...(groups.get(group) ?? []), user]);
  }
  return groups;
}
