import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { LogRow } from '../entry.ts';

/** The columns, in the order of the parameters, and their types; lists go as JSON, since unnest would flatten them. */
const columns = {
  org_id: 'uuid',
  id: 'uuid',
  at: 'timestamptz',
  connection_id: 'uuid',
  method: 'text',
  path: 'text',
  query: 'text',
  status: 'smallint',
  ms: 'real',
  user_agent: 'text',
  user_id: 'uuid',
  group_id: 'uuid',
  changes: 'jsonb',
  ignored: 'text[]',
  quirks: 'text[]',
  notes: 'text[]',
  error_code: 'text',
  detail: 'text',
  if_match: 'text',
  request: 'text',
  request_state: 'text',
  request_bytes: 'integer',
  response: 'text',
  response_state: 'text',
  response_bytes: 'integer',
  mentions: 'text[]',
  replay_of: 'uuid',
} as const satisfies Record<keyof LogRow, string>;

type Column = keyof typeof columns;

/** What most rows have nothing of: those of reads that succeeded. */
const RARE: ReadonlySet<Column> = new Set([
  'user_id',
  'group_id',
  'changes',
  'ignored',
  'quirks',
  'notes',
  'error_code',
  'detail',
  'if_match',
  'request',
  'response',
  'replay_of',
]);
const rare = [...RARE];
const all = Object.keys(columns) as Column[];
const common = all.filter((name) => !RARE.has(name));

const sentType = (name: Column): string => (columns[name] === 'text[]' ? 'text' : columns[name]);
const read = (name: Column): string => (columns[name] === 'text[]' ? `r.${name}::text[]` : `r.${name}`);

/** One statement for any number of rows. */
const insertOf = (name: string, names: readonly Column[]): Statement => ({
  name,
  text: `insert into scim_requests (${names.join(', ')})
    select ${names.map(read).join(', ')}
    from unnest(${names.map((column, index) => `$${index + 1}::${sentType(column)}[]`).join(', ')})
      as r (${names.join(', ')})
    on conflict do nothing`,
});
const insertCommon = insertOf('scim-requests-insert-common', common);
const insertAll = insertOf('scim-requests-insert', all);

/** Writes rows of the log. A row that is there stays. Columns that would be null of every row are left out: each costs. */
export async function insertLogRows(db: Executor, rows: readonly LogRow[]): Promise<void> {
  const isPlain = (row: LogRow): boolean => rare.every((name) => row[name] === null);
  const write = async (statement: Statement, names: readonly Column[], some: readonly LogRow[]) => {
    if (some.length === 0) return;
    await db.query(
      statement,
      names.map((name) => parameterOf(some, name)),
    );
  };
  await write(insertCommon, common, rows.filter(isPlain));
  await write(
    insertAll,
    all,
    rows.filter((row) => !isPlain(row)),
  );
}

/** A column of all rows as Postgres reads an array: much is written, and pg's own way looks at each value twice. */
function parameterOf(rows: readonly LogRow[], name: Column): string {
  const type = columns[name];
  return arrayOf(
    rows.map((row) => {
      const value = row[name];
      if (value === null) return 'NULL';
      if (type === 'text[]') return quoted(arrayOf((value as readonly string[]).map(quoted)));
      if (type === 'jsonb') return quoted(JSON.stringify(value));
      return type === 'text' ? quoted(value as string) : String(value);
    }),
  );
}

const arrayOf = (items: readonly string[]): string => `{${items.join(',')}}`;
const quoted = (text: string): string =>
  `"${text.includes('"') || text.includes('\\') ? text.replaceAll(/["\\]/g, '\\$&') : text}"`;
