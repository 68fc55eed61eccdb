import { stringify } from 'csv-stringify/sync';
import type { Authority } from '../../directory/roles/authority.ts';
import type { UserQueries } from '../../directory/users/queries.ts';
import type { UserFilter } from '../../directory/users/store/filter.ts';
import type { DirectoryUser } from '../../directory/users/user.ts';
import { guardCell } from '../../platform/csv-cell.ts';
import { type PresentedUser, presentUser } from '../users.ts';

const PAGE = 500;

/**
 * The users that a filter finds, page by page, the oldest account first.
 * @param onTotal called with the total, if it is known
 */
export async function* listUsers(
  users: UserQueries,
  by: Authority,
  filter: UserFilter,
  onTotal: (total: number) => void = () => {},
): AsyncGenerator<readonly DirectoryUser[]> {
  for (let after: { readonly key: string | null; readonly id: string } | undefined; ; ) {
    const { items, total } = await users.list(by, {
      filter,
      sort: 'createdAt',
      descending: false,
      after,
      limit: PAGE,
    });
    if (after === undefined && total !== undefined) onTotal(total);
    if (items.length > 0) yield items;
    if (items.length < PAGE) return;
    after = items.at(-1)?.cursor;
  }
}

/** The formats of a list of users, each a page as text. */
export const USER_FORMATS = {
  csv: {
    head: () => writeCsv([COLUMNS]),
    page: (users: readonly DirectoryUser[]) => writeCsv(users.map(toCells)),
  },
  ndjson: {
    head: () => '',
    page: (users: readonly DirectoryUser[]) =>
      users.map((user) => `${JSON.stringify(presentUser(user))}\n`).join(''),
  },
} as const;

export type UserFormat = keyof typeof USER_FORMATS;

/** The columns of an import come first, so that the file can be imported as it is. */
const COLUMNS = [
  'email',
  'name',
  'role',
  'groups',
  'id',
  'effectiveRole',
  'accessTier',
  'owner',
  'status',
  'source',
  'managedBy',
  'lastLoginAt',
  'lastActiveAt',
  'createdAt',
  'deletedAt',
] as const satisfies readonly (keyof PresentedUser)[];

function toCells(directoryUser: DirectoryUser): string[] {
  const user = presentUser(directoryUser);
  return COLUMNS.map((column) => {
    const value = user[column];
    return guardCell(Array.isArray(value) ? value.join(';') : String(value ?? ''));
  });
}

const writeCsv = (rows: readonly (readonly string[])[]): string =>
  stringify(rows as string[][], { record_delimiter: 'windows' });
