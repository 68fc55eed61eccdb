import type { Executor } from '../../platform/db/statement.ts';

/** Where sealed texts are stored: what tells them apart, with types, and the text's place in the row. */
interface SealedPlace {
  readonly table: string;
  /** Its column. */
  readonly column: string;
  /** The primary key first; of an object of texts, then `e.key`, the name in it. */
  readonly key: readonly (readonly [column: string, type: 'uuid' | 'text'])[];
  /** For a column with an object of texts: SQL that lists them as `e`, and SQL that reads the one named by `v`. */
  readonly each?: { readonly list: string; readonly current: string };
  /** SQL that reads the text; null where it is missing. */
  readonly read: string;
  /** How SQL writes `v.fresh` into the column. */
  readonly write: string;
}

const place = (table: string, column: string, ...key: SealedPlace['key']): SealedPlace => ({
  table,
  column,
  key,
  read: `t.${column}`,
  write: 'v.fresh',
});

/** All places with sealed texts. The long-lived ones come first. */
export const SEALED_PLACES = {
  authenticators: place('user_totp', 'sealed_secret', ['org_id', 'uuid'], ['user_id', 'uuid']),
  webhookSecrets: place('webhooks', 'sealed_secret', ['org_id', 'uuid'], ['id', 'uuid']),
  previousWebhookSecrets: place('webhooks', 'sealed_previous', ['org_id', 'uuid'], ['id', 'uuid']),
  clientSecrets: place('sso_connections', 'sealed_secret', ['org_id', 'uuid'], ['connection_id', 'uuid']),
  privateKeys: place(
    'sso_keys',
    'sealed_private_key',
    ['org_id', 'uuid'],
    ['connection_id', 'uuid'],
    ['id', 'uuid'],
  ),
  historyKeys: place('history_keys', 'sealed_private_key', ['org_id', 'uuid'], ['id', 'uuid']),
  auditStreamKeys: place('audit_streams', 'sealed_client_key', ['org_id', 'uuid'], ['id', 'uuid']),
  mails: {
    table: 'jobs',
    column: 'payload',
    key: [['id', 'uuid']],
    read: `t.payload ->> 'sealed'`,
    write: `jsonb_set(t.payload, '{sealed}', to_jsonb(v.fresh))`,
  },
  logoutHints: place('sessions', 'sealed_hint', ['org_id', 'uuid'], ['id', 'uuid']),
  requests: place('sso_requests', 'sealed', ['org_id', 'uuid'], ['connection_id', 'uuid'], ['key', 'text']),
  answers: place(
    'idempotency_keys',
    'sealed_answer',
    ['org_id', 'uuid'],
    ['actor_id', 'uuid'],
    ['key', 'text'],
  ),
  results: {
    table: 'idempotency_keys',
    column: 'results',
    key: [
      ['org_id', 'uuid'],
      ['actor_id', 'uuid'],
      ['key', 'text'],
      ['e.key', 'text'],
    ],
    each: { list: 'jsonb_each_text(t.results)', current: 't.results ->> v.k3' },
    read: 'e.value',
    write: 'jsonb_set(t.results, array[v.k3], to_jsonb(v.fresh))',
  },
} as const satisfies Readonly<Record<string, SealedPlace>>;

export type SealedPlaceName = keyof typeof SEALED_PLACES;

/** One sealed text and the primary key of its row. */
export interface SealedText {
  readonly key: readonly string[];
  readonly sealed: string;
}

const FIRST = { uuid: '00000000-0000-0000-0000-000000000000', text: '' } as const;

const isOfRow = ([column]: readonly [string, string]): boolean => !column.startsWith('e.');
const qualified = ([column]: readonly [string, string]): string =>
  column.startsWith('e.') ? column : `t.${column}`;

function source({ table, each }: SealedPlace): string {
  return each === undefined ? `${table} t` : `${table} t cross join lateral ${each.list} e`;
}

/** How many sealed texts are stored there. */
export async function countSealed(db: Executor, name: SealedPlaceName): Promise<number> {
  const place: SealedPlace = SEALED_PLACES[name];
  const [row] = await db.query<{ count: string }>(
    {
      name: `sealed-count-${name}`,
      text: `select count(*)::text as count from ${source(place)} where ${place.read} is not null`,
      long: true,
    },
    [],
  );
  return Number(row?.count ?? 0);
}

/** The next sealed texts in the order of their keys. @param after the key that the last ones ended with */
export async function listSealed(
  db: Executor,
  name: SealedPlaceName,
  after: readonly string[] | undefined,
  limit: number,
): Promise<readonly SealedText[]> {
  const place: SealedPlace = SEALED_PLACES[name];
  const { key, read } = place;
  const columns = key.map(qualified).join(', ');
  const bounds = key.map(([, type], index) => `$${index + 1}::${type}`).join(', ');
  return db.query<SealedText>(
    {
      name: `sealed-list-${name}`,
      text: `select array[${key.map((part) => `${qualified(part)}::text`).join(', ')}] as key, ${read} as sealed
        from ${source(place)} where (${columns}) > (${bounds}) and ${read} is not null
        order by ${columns} limit $${key.length + 1}`,
      long: true,
    },
    [...(after ?? key.map(([, type]) => FIRST[type])), limit],
  );
}

/** Replaces sealed texts where they are still what they were. @returns how many were */
export async function replaceSealed(
  db: Executor,
  name: SealedPlaceName,
  texts: readonly (SealedText & { readonly fresh: string })[],
): Promise<number> {
  const { each }: SealedPlace = SEALED_PLACES[name];
  if (each === undefined) return replace(db, name, texts);
  // A statement changes a row once, and one row may have several of them.
  let replaced = 0;
  for (const text of texts) replaced += await replace(db, name, [text]);
  return replaced;
}

async function replace(
  db: Executor,
  name: SealedPlaceName,
  texts: readonly (SealedText & { readonly fresh: string })[],
): Promise<number> {
  const { table, column, key, each, read, write }: SealedPlace = SEALED_PLACES[name];
  const arrays = key.map(([, type], index) => `$${index + 1}::${type}[]`);
  const names = key.map((_, index) => `k${index}`);
  const sameRow = key.filter(isOfRow).map(([part], index) => `t.${part} = v.k${index}`);
  const rows = await db.query<object>(
    {
      name: `sealed-replace-${name}`,
      text: `update ${table} t set ${column} = ${write}
        from unnest(${[...arrays, `$${key.length + 1}::text[]`, `$${key.length + 2}::text[]`].join(', ')})
          as v(${[...names, 'old', 'fresh'].join(', ')})
        where ${[...sameRow, `${each?.current ?? read} = v.old`].join(' and ')}
        returning 1`,
    },
    [
      ...key.map((_, index) => texts.map((text) => text.key[index])),
      texts.map(({ sealed }) => sealed),
      texts.map(({ fresh }) => fresh),
    ],
  );
  return rows.length;
}
