import { countOf } from '../../../platform/counts.ts';
import type { BulkCounts, LoggedChange } from '../entry.ts';

/** What the words of a request are made of. */
export interface Outcome {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly changes: readonly LoggedChange[] | null;
  readonly bulk: BulkCounts | null;
  /** What the user or group is called today; undefined where it has no name any more. */
  readonly name: string | undefined;
}

/** What each event of a connection is in words. @param name with its kind, such as "the group Engineering" */
const WORDS: Readonly<Record<string, (change: LoggedChange, name: string) => string>> = {
  'user.created': (_, name) => `created ${name}`,
  'user.adopted': (_, name) => `took over ${name}`,
  'user.updated': ({ attributes = [] }, name) => `changed ${listed(attributes)} of ${name}`,
  'user.activated': (_, name) => `activated ${name}`,
  'user.deactivated': (_, name) => `deactivated ${name}`,
  'user.role_changed': ({ to }, name) => `changed the role of ${name}${to === undefined ? '' : ` to ${to}`}`,
  'user.owner_revoked': (_, name) => `took the ownership from ${name}`,
  'user.deleted': (_, name) => `deleted ${name}`,
  'group.created': (_, name) => `created ${name}`,
  'group.updated': ({ attributes = [] }, name) => `changed ${listed(attributes)} of ${name}`,
  'group.member_added': ({ count = 1 }, name) => `added ${members(count)} to ${name}`,
  'group.member_removed': ({ count = 1 }, name) => `removed ${members(count)} from ${name}`,
  'group.deleted': (_, name) => `deleted ${name}`,
};

/** Says what a request did: "added 3 members to Engineering", "created jane@…", "changed nothing", "read a user". */
export function summaryOf({ method, path, status, changes, bulk, name }: Outcome): string {
  if (bulk !== null && status < 400) return bulkInWords(bulk);
  if (bulk !== null) return `began ${countOf(bulk.operations, 'operation')}`;
  if (status >= 400) return 'was rejected';
  const [, endpoint = '', id] = path.toLowerCase().split('/');
  if (changes !== null && changes.length > 0) {
    const isGroup = changes[0]?.action.startsWith('group.') === true;
    const called = name ?? (isGroup ? 'a group' : 'a user');
    const words = changes.map((change) => WORDS[change.action]?.(change, called) ?? change.action);
    return words.join(', ');
  }
  if (method === 'GET' || method === 'HEAD' || path.endsWith('.search')) {
    const kind = endpoint === 'users' ? 'user' : endpoint === 'groups' ? 'group' : undefined;
    if (kind === undefined) return `read ${path}`;
    if (id === undefined || id === '' || id === '.search') return `searched ${kind}s`;
    return `read ${name ?? `a ${kind}`}`;
  }
  return 'changed nothing';
}

const members = (count: number): string => countOf(count, 'member');

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'attributes';
  if (names.length === 1) return names[0] as string;
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Such as "carried out 300 operations" or "carried out 298 of 300 operations, 2 failed". */
function bulkInWords({ operations, failed, notTried }: BulkCounts): string {
  const succeeded = operations - failed - notTried;
  const all = countOf(operations, 'operation');
  return [
    `carried out ${succeeded === operations ? all : `${succeeded.toLocaleString('en')} of ${all}`}`,
    ...(failed === 0 ? [] : [`${failed.toLocaleString('en')} failed`]),
    ...(notTried === 0 ? [] : [`${notTried.toLocaleString('en')} not tried after so many errors`]),
  ].join(', ');
}
