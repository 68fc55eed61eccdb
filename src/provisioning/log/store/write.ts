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

const names = Object.keys(columns) as (keyof LogRow)[];

const sentType = (name: keyof LogRow): string => (columns[name] === 'text[]' ? 'text' : columns[name]);
const read = (name: keyof LogRow): string => (columns[name] === 'text[]' ? `r.${name}::text[]` : `r.${name}`);

/** One statement for any number of rows. */
const insert: Statement = {
  name: 'scim-requests-insert',
  text: `insert into scim_requests (${names.join(', ')})
    select ${names.map(read).join(', ')}
    from unnest(${names.map((name, index) => `$${index + 1}::${sentType(name)}[]`).join(', ')})
      as r (${names.join(', ')})
    on conflict do nothing`,
};

/** Writes rows of the log. A row that is there stays. */
export async function insertLogRows(db: Executor, rows: readonly LogRow[]): Promise<void> {
  await db.query(
    insert,
    names.map((name) => rows.map((row) => parameterOf(row, name))),
  );
}

function parameterOf(row: LogRow, name: keyof LogRow): unknown {
  const value = row[name];
  if (value === null) return null;
  if (columns[name] === 'text[]') return arrayLiteral(value as readonly string[]);
  return columns[name] === 'jsonb' ? JSON.stringify(value) : value;
}

/** A text that Postgres reads as an array. */
function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
