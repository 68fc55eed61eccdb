/** What an undo can set back, each apart from the others. */
export const ITEM_KINDS = [
  'group',
  'account',
  'profile',
  'group_name',
  'group_role',
  'group_description',
  'group_pattern',
  'status',
  'role',
  'owner',
  'membership',
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** An event as a plan reads it. */
export interface PastEvent {
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  readonly action: string;
  readonly actorType: string;
  readonly actorId: string;
  readonly target: string;
  readonly member: string | null;
  readonly changes: {
    readonly attributes?: readonly string[];
    readonly values?: Readonly<Record<string, readonly [unknown, unknown]>>;
  } | null;
  readonly inBatch: boolean;
}

/** What one event did to one thing. `from` and `to` are null where the event holds no values. */
export interface Transition {
  readonly kind: ItemKind;
  readonly user: string | null;
  readonly group: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly attributes: readonly string[];
}

/** The events that a plan has to know; what else happens changes nothing that can be set back. */
export const RELEVANT_ACTIONS = [
  'user.created',
  'user.invited',
  'user.deleted',
  'user.restored',
  'user.erased',
  'user.updated',
  'user.activated',
  'user.deactivated',
  'user.role_changed',
  'user.owner_granted',
  'user.owner_revoked',
  'group.created',
  'group.deleted',
  'group.updated',
  'group.member_added',
  'group.member_removed',
  'group.member_changed',
] as const;

/** Those about a group itself; who its members are, events of users tell. */
export const GROUP_ACTIONS = ['group.created', 'group.updated', 'group.deleted'] as const;

const text = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

/** What an event did, thing by thing; nothing for events that no undo knows. */
export function transitionsOf({ action, target, member, changes }: PastEvent): readonly Transition[] {
  const of = (
    kind: ItemKind,
    from: string | null,
    to: string | null,
    attributes: readonly string[] = [],
  ): Transition => ({ kind, user: target, group: null, from, to, attributes });
  const inGroup = (kind: ItemKind, from: string | null, to: string | null): Transition => ({
    kind,
    user: member,
    group: target,
    from,
    to,
    attributes: [],
  });
  const values = new Map(Object.entries(changes?.values ?? {}));
  const [before, after] = (values.get('status') ?? values.get('role') ?? [null, null]).map(text);
  switch (action) {
    case 'user.created':
    case 'user.invited':
      return [of('account', 'none', 'present')];
    case 'user.deleted':
      return [of('account', 'present', 'deleted')];
    case 'user.restored':
      return [of('account', 'deleted', 'present')];
    case 'user.erased':
      return [of('account', 'present', 'erased')];
    case 'user.updated':
      return [of('profile', null, null, changes?.attributes ?? [])];
    case 'user.activated':
    case 'user.deactivated':
      return [of('status', before ?? null, after ?? null)];
    case 'user.role_changed':
      return [of('role', before ?? null, after ?? null)];
    case 'user.owner_granted':
      return [of('owner', 'none', 'owner')];
    case 'user.owner_revoked':
      return [of('owner', 'owner', 'none')];
    case 'group.created':
      return [{ ...inGroup('group', 'none', 'present'), user: null }];
    case 'group.deleted':
      return [{ ...inGroup('group', 'present', 'deleted'), user: null }];
    case 'group.updated':
      return (
        [
          ['group_name', 'displayName'],
          ['group_role', 'role'],
          ['group_description', 'description'],
          ['group_pattern', 'autoAssignPattern'],
        ] as const
      ).flatMap(([kind, name]) => {
        const change = values.get(name);
        if (change === undefined) return [];
        return [{ ...inGroup(kind, text(change[0]), text(change[1])), user: null }];
      });
    case 'group.member_added':
      return [inGroup('membership', 'none', 'member')];
    case 'group.member_removed':
      return [inGroup('membership', 'member', 'none')];
    case 'group.member_changed': {
      const [role, next] = values.get('inGroupRole') ?? ['member', 'member'];
      return [inGroup('membership', `as ${text(role)}`, `as ${text(next)}`)];
    }
    default:
      return [];
  }
}
