import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { KeptRequest } from '../entry.ts';

/** The column and its type of each field, in the order of the parameters; lists go as JSON, since unnest would flatten them. */
const columns = {
  org: ['org_id', 'uuid'],
  id: ['id', 'uuid'],
  at: ['at', 'timestamptz'],
  connection: ['connection_id', 'uuid'],
  method: ['method', 'text'],
  path: ['path', 'text'],
  query: ['query', 'text'],
  status: ['status', 'smallint'],
  ms: ['ms', 'real'],
  userAgent: ['user_agent', 'text'],
  user: ['user_id', 'uuid'],
  group: ['group_id', 'uuid'],
  changes: ['changes', 'jsonb'],
  ignored: ['ignored', 'text[]'],
  quirks: ['quirks', 'text[]'],
  notes: ['notes', 'text[]'],
  errorCode: ['error_code', 'text'],
  detail: ['detail', 'text'],
  ifMatch: ['if_match', 'text'],
  request: ['request', 'text'],
  requestState: ['request_state', 'text'],
  requestBytes: ['request_bytes', 'integer'],
  response: ['response', 'text'],
  responseState: ['response_state', 'text'],
  responseBytes: ['response_bytes', 'integer'],
  mentions: ['mentions', 'text[]'],
  replayOf: ['replay_of', 'uuid'],
} as const satisfies Record<keyof KeptRequest, readonly [column: string, type: string]>;

type Field = keyof typeof columns;

/** What most rows have nothing of: those of reads that succeeded. */
const RARE: ReadonlySet<Field> = new Set([
  'user',
  'group',
  'changes',
  'ignored',
  'quirks',
  'notes',
  'errorCode',
  'detail',
  'ifMatch',
  'request',
  'response',
  'replayOf',
]);
const rare = [...RARE];
const all = Object.keys(columns) as Field[];
const common = all.filter((name) => !RARE.has(name));

const sentType = (name: Field): string => columns[name][1].replace('[]', '');
const read = (name: Field): string => {
  const [column, type] = columns[name];
  return type === 'text[]' ? `r.${column}::text[]` : `r.${column}`;
};

/** One statement for any number of rows. */
const insertOf = (name: string, fields: readonly Field[]): Statement => {
  const names = fields.map((field) => columns[field][0]).join(', ');
  return {
    name,
    text: `insert into scim_requests (${names})
    select ${fields.map(read).join(', ')}
    from unnest(${fields.map((field, index) => `$${index + 1}::${sentType(field)}[]`).join(', ')}) as r (${names})
    on conflict do nothing`,
  };
};
const insertCommon = insertOf('scim-requests-insert-common', common);
const insertAll = insertOf('scim-requests-insert', all);

/** Writes rows of the log. A row that is there stays. Columns that would be null of every row are left out: each costs. */
export async function insertLogRows(db: Executor, rows: readonly KeptRequest[]): Promise<void> {
  const isPlain = (row: KeptRequest): boolean => rare.every((name) => row[name] === null);
  const write = async (statement: Statement, names: readonly Field[], some: readonly KeptRequest[]) => {
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
function parameterOf(rows: readonly KeptRequest[], name: Field): string {
  const [, type] = columns[name];
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
