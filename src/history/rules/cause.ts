import type { CauseRow, ChangeRow } from '../store/changes.ts';

/** What an event must be to be the cause of a change, the likeliest first. */
const LIKELY: Readonly<Record<ChangeRow['kind'], readonly RegExp[]>> = {
  user: [/^user\.(?!updated|unlocked|offboarded)/, /^invitation\./, /^user\./],
  membership: [/^group\.member_/, /^group\.deleted$/, /^user\./],
  group: [/^group\.(created|updated|deleted)$/, /^group\./],
  grants: [/^group\.grants_changed$/, /^group\./, /^resource\./],
  elevation: [/^elevation\./, /^user\./],
};

/** Values of a user that an event of their own tells of. */
const OF_VALUE: Readonly<Record<string, RegExp>> = {
  owner: /^user\.owner_/,
  role: /^user\.role_changed$/,
  status: /^user\.(activated|deactivated|invited|created|accepted)/,
  deletedAt: /^user\.(deleted|erased|restored)$/,
};

/** The event of the same transaction that says who made a change; undefined if no event tells of it. */
export function causeOf(change: ChangeRow, events: readonly CauseRow[]): CauseRow | undefined {
  const { kind, user, group, item } = change;
  const about = events.filter(({ position, target, member }) => {
    if (position !== change.position) return false;
    if (kind === 'membership')
      return (target === group && (member === null || member === user)) || target === user;
    return (
      target === (kind === 'user' ? user : kind === 'elevation' ? item : group) ||
      (kind === 'elevation' && target === user)
    );
  });
  const patterns = [...changedValues(change), ...LIKELY[kind]];
  for (const pattern of patterns) {
    const found = about.find(({ action }) => pattern.test(action));
    if (found !== undefined) return found;
  }
  return about[0];
}

function changedValues({ kind, before, after }: ChangeRow): RegExp[] {
  if (kind !== 'user' || before === null || after === null) return [];
  return Object.entries(OF_VALUE).flatMap(([name, pattern]) =>
    before[name] === after[name] ? [] : [pattern],
  );
}
