import type { OrgId } from '../../directory/ids.ts';
import { groupNames, userNames } from '../../directory/users/store/names.ts';
import type { Database } from '../../platform/db/database.ts';
import { alignRows, cut } from '../text-table.ts';

/** The users and groups of an organization, read from Postgres, as lines of two tables. */
export async function userTables(db: Database, org: OrgId): Promise<string[]> {
  const [users, groups] = await Promise.all([userNames(db, org), groupNames(db, org)]);
  return [
    ...table(
      ['user', 'status', 'from', 'e-mail'],
      users.map(({ userName, status, source, email }) => [
        cut(userName, 48),
        status,
        source,
        cut(email ?? '–', 36),
      ]),
    ),
    '',
    ...(groups.length === 0
      ? ['  no groups: the last exchange deleted what was left of them']
      : table(
          ['group', 'members'],
          groups.map(({ displayName, members }) => [
            cut(displayName, 48),
            members.map((name) => cut(name, 30)).join(', ') || '–',
          ]),
        )),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const [top = '', ...lines] = alignRows([head, ...rows]);
  const width = Math.max(top.length, ...lines.map(({ length }) => length));
  return [`  ${top}`, `  ${'─'.repeat(width)}`, ...lines.map((line) => `  ${line}`)];
}
