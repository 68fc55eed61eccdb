import { compareRoles } from '../../directory/roles/rules/roles.ts';
import type { Role } from '../../directory/users/user.ts';
import { writtenTime } from '../../platform/time.ts';

type State = Readonly<Record<string, unknown>> | null;

/** A change of one thing, with the names that its sentence shows. */
export interface SpokenChange {
  readonly kind: 'user' | 'membership' | 'group' | 'grants' | 'elevation';
  readonly before: State;
  readonly after: State;
  /** What the person is called. */
  readonly user: string;
  /** What the group is called. */
  readonly group: string;
}

export const EFFECTS = [
  'joined',
  'left',
  'activated',
  'deactivated',
  'gained_role',
  'lost_role',
  'gained_owner',
  'lost_owner',
  'gained_group',
  'lost_group',
  'in_group_role_changed',
  'sources_changed',
  'group_created',
  'group_deleted',
  'group_renamed',
  'group_gained_role',
  'group_lost_role',
  'group_changed',
  'grants_changed',
  'elevation_requested',
  'elevated',
  'elevation_ended',
  'elevation_refused',
] as const;
export type Effect = (typeof EFFECTS)[number];

/** What a change means: for whom it counts as a gain or a loss, and the change as one sentence. */
export interface ChangeWords {
  readonly effects: readonly Effect[];
  readonly sentence: string;
}

type Part = readonly [effect: Effect, words: string];

/** Says what changed in one sentence: "Jane Doe: deactivated, role configure → readonly." */
export function wordsOf(change: SpokenChange): ChangeWords {
  const parts = partsOf(change);
  const subject =
    change.kind === 'group' || change.kind === 'grants' ? `The group ${change.group}` : change.user;
  const words = parts.map(([, text]) => text).join(', ');
  return { effects: parts.map(([effect]) => effect), sentence: `${subject} ${words || 'changed'}.` };
}

function partsOf(change: SpokenChange): Part[] {
  switch (change.kind) {
    case 'user':
      return userParts(present(change.before), present(change.after));
    case 'membership':
      return membershipParts(change);
    case 'group':
      return groupParts(change);
    case 'grants':
      return grantParts(change);
    case 'elevation':
      return elevationParts(change);
  }
}

/** A deleted user is not there, though the row is. */
const present = (state: State): State =>
  state === null || (state['deletedAt'] ?? null) !== null ? null : state;

function userParts(before: State, after: State): Part[] {
  if (before === null && after === null) return [['left', 'was removed for good']];
  if (before === null) {
    const owner = after?.['owner'] === true ? ' and owner' : '';
    const status = after?.['status'] === 'active' ? '' : `, ${String(after?.['status'])}`;
    return [['joined', `joined as ${String(after?.['role'])}${owner}${status}`]];
  }
  if (after === null) return [['left', `left, with the role ${String(before['role'])}`]];
  const parts: Part[] = [];
  if (before['status'] !== after['status']) {
    parts.push(
      after['status'] === 'active'
        ? ['activated', 'was activated']
        : ['deactivated', `became ${String(after['status'])}`],
    );
  }
  const role = roleStep(before['role'], after['role']);
  if (role !== undefined) {
    const effect = role === 'up' ? 'gained_role' : 'lost_role';
    parts.push([effect, `went from ${String(before['role'])} to ${String(after['role'])}`]);
  }
  if (before['owner'] !== after['owner']) {
    parts.push(
      after['owner'] === true ? ['gained_owner', 'became an owner'] : ['lost_owner', 'is no longer an owner'],
    );
  }
  return parts;
}

function membershipParts({ before, after, group }: SpokenChange): Part[] {
  if (before === null) {
    const manager = after?.['inGroupRole'] === 'manager' ? ' as manager' : '';
    return [['gained_group', `joined ${group}${manager}`]];
  }
  if (after === null) return [['lost_group', `left ${group}`]];
  if (before['inGroupRole'] !== after['inGroupRole']) {
    return [['in_group_role_changed', `became ${String(after['inGroupRole'])} of ${group}`]];
  }
  const sources = (after['sources'] as readonly string[] | undefined)?.join(' and ') ?? 'other sources';
  return [['sources_changed', `is in ${group} by ${sources} now`]];
}

function groupParts({ before, after }: SpokenChange): Part[] {
  if (before === null) return [['group_created', 'was created']];
  if (after === null) return [['group_deleted', 'was deleted']];
  const parts: Part[] = [];
  if (before['name'] !== after['name']) {
    parts.push(['group_renamed', `was renamed from ${String(before['name'])}`]);
  }
  const role = roleStep(before['role'], after['role']);
  if (role !== undefined) {
    const effect = role === 'up' ? 'group_gained_role' : 'group_lost_role';
    parts.push([
      effect,
      `gives the role ${String(after['role'] ?? 'none')} instead of ${String(before['role'] ?? 'none')}`,
    ]);
  }
  const [was, is] = [before['autoAssignPattern'] ?? null, after['autoAssignPattern'] ?? null];
  if (was !== is) {
    parts.push([
      'group_changed',
      is === null ? `no longer adds everyone with ${String(was)}` : `adds everyone with ${String(is)}`,
    ]);
  }
  return parts.length > 0 ? parts : [['group_changed', 'has another description or source']];
}

function grantParts({ before, after }: SpokenChange): Part[] {
  const [old, now] = [listed(before), listed(after)];
  const added = [...now].filter((grant) => !old.has(grant)).length;
  const removed = [...old].filter((grant) => !now.has(grant)).length;
  return [['grants_changed', `has ${added} grants more and ${removed} less`]];
}

const listed = (state: State): ReadonlySet<string> =>
  new Set((Array.isArray(state) ? state : []).map((grant) => JSON.stringify(grant)));

function elevationParts({ before, after }: SpokenChange): Part[] {
  if (after === null) return [['elevation_ended', 'has no record of a higher role any more']];
  const role = String(after['role']);
  const ended = after['endedAt'] ?? null;
  switch (after['state']) {
    case 'pending':
      return [['elevation_requested', `asked for the role ${role} for a while`]];
    case 'active':
      if (ended === null) return [['elevated', `had the role ${role} until ${minute(after['expiresAt'])}`]];
      return before?.['state'] === 'active'
        ? [['elevation_ended', `no longer had the role ${role}, whose time was over`]]
        : [['elevated', `had the role ${role} from ${minute(after['startsAt'])} to ${minute(ended)}`]];
    case 'revoked':
      return before?.['state'] === 'active'
        ? [['elevation_ended', `lost the role ${role} before its time`]]
        : [['elevated', `had the role ${role} from ${minute(after['startsAt'])} to ${minute(ended)}`]];
    default:
      return [['elevation_refused', `did not get the role ${role}`]];
  }
}

const minute = (time: unknown): string => {
  const date = new Date(String(time));
  return Number.isNaN(date.getTime()) ? 'its end' : writtenTime(date.toISOString());
};

function roleStep(before: unknown, after: unknown): 'up' | 'down' | undefined {
  if (before === after) return undefined;
  if ((before ?? null) === null) return 'up';
  if ((after ?? null) === null) return 'down';
  return compareRoles(after as Role, before as Role) > 0 ? 'up' : 'down';
}
