import { type MemberDelta, noMemberChange } from '../../directory/groups/group.ts';
import { parseUserId, type UserId } from '../../directory/ids.ts';
import { badRequest, quote } from '../errors.ts';
import type { Filter } from '../filter/ast.ts';
import { type Dialect, isObject } from '../quirks/dialect.ts';
import { coerceValue } from '../schema/coerce.ts';
import type { PatchOperation } from './operation.ts';

/**
 * Folds the operations on a group's members into one delta, in their order and without reading a member: the
 * last operation that names a user decides.
 * @throws ScimError 400 `invalidValue`, `invalidFilter`, `mutability`
 */
export function foldMembers(operations: readonly PatchOperation[], dialect: Dialect): MemberDelta {
  let clear = false;
  const [add, remove] = [new Set<UserId>(), new Set<UserId>()];
  const begin = () => {
    clear = true;
    add.clear();
    remove.clear();
  };
  for (const operation of operations) {
    if (operation.op === 'remove') {
      if (operation.sub !== undefined) throw immutable();
      if (operation.selection === undefined) begin();
      else {
        const selected = selectedIds(operation.selection.filter);
        if (selected === 'everybody') begin();
        else for (const id of selected) leave(id);
      }
    } else {
      if (operation.selection !== undefined || operation.sub !== undefined) throw immutable();
      const value = isObject(operation.value) ? [operation.value] : operation.value;
      const ids = memberIds(coerceValue(operation.attribute, value, dialect));
      if (operation.op === 'replace') begin();
      for (const id of ids) join(id);
    }
  }
  return operations.length === 0 ? noMemberChange : { clear, add, remove };

  function join(id: UserId): void {
    add.add(id);
    remove.delete(id);
  }

  function leave(id: UserId): void {
    add.delete(id);
    if (!clear) remove.add(id);
  }
}

/**
 * The ids in a group's `members` as `coerceValue` leaves them.
 * @throws ScimError 400 `invalidValue` for a member that cannot be a user
 */
export function memberIds(members: unknown): ReadonlySet<UserId> {
  const ids = new Set<UserId>();
  for (const member of Array.isArray(members) ? members : []) {
    const { value, type } = member as { readonly value?: unknown; readonly type?: unknown };
    if (typeof type === 'string' && type.toLowerCase() === 'group') {
      throw badRequest(
        'invalidValue',
        'Nested groups are not supported: add the users of the group instead.',
      );
    }
    if (typeof value !== 'string')
      throw badRequest('invalidValue', 'Each member needs a "value": the id of a user.');
    const id = parseUserId(value);
    if (id === undefined)
      throw badRequest(
        'invalidValue',
        `User not found: ${quote(value)}. Members must be existing users, and nested groups are not supported.`,
      );
    ids.add(id);
  }
  return ids;
}

/** The users that a filter on members selects: `value eq`, any number of them joined by `or`, or all users. */
function selectedIds(filter: Filter): readonly UserId[] | 'everybody' {
  if (filter.kind === 'or') {
    const [left, right] = [selectedIds(filter.left), selectedIds(filter.right)];
    return left === 'everybody' || right === 'everybody' ? 'everybody' : [...left, ...right];
  }
  if (filter.kind === 'and') {
    const [left, right] = [selectedIds(filter.left), selectedIds(filter.right)];
    if (left === 'everybody') return right;
    if (right === 'everybody') return left;
    return left.filter((id) => right.includes(id));
  }
  if (filter.kind === 'compare' && filter.operator === 'eq') {
    const path = filter.path.toLowerCase();
    if (path === 'value' && typeof filter.value === 'string') {
      const id = parseUserId(filter.value);
      return id === undefined ? [] : [id];
    }
    if (path === 'type' && String(filter.value).toLowerCase() === 'user') return 'everybody';
  }
  throw badRequest('invalidFilter', 'Members are selected by id: members[value eq "…"].');
}

function immutable(): Error {
  return badRequest('mutability', 'A member cannot be changed: remove one and add another.');
}
