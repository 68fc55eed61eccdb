import { availableParallelism } from 'node:os';
import pg from 'pg';
import { valueParsers } from './value-parsers.ts';

/**
 * How long each kind of connection lets a statement run and wait for a lock, in milliseconds:
 * - `reads`: short reads of all organizations, pipelined
 * - `writes`: short writes, pipelined with those of the same organization only
 * - `transactions`: one caller's at a time; also for writes that waited for a lock
 * - `searches`: reads whose cost depends on the query, one caller's at a time
 */
const TIME_LIMITS = {
  reads: { statement: 5_000, lock: 500 },
  writes: { statement: 5_000, lock: 50 },
  transactions: { statement: 15_000, lock: 500 },
  searches: { statement: 10_000, lock: 500 },
  health: { statement: 2_000, lock: 500 },
} as const;

export type ConnectionKind = keyof typeof TIME_LIMITS;

/** How much longer than Postgres itself the client waits for an answer, before it takes the connection for lost. */
const WIRE_GRACE_MS = 3_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** How many connections of a kind one process opens at most, and how many of them one organization may hold. */
export interface Share {
  readonly size: number;
  readonly perOrganization: number;
}

type ConnectionShares = Readonly<Record<Exclude<ConnectionKind, 'health'>, Share>>;

/**
 * Shares a number of connections out. Postgres runs as many reads at once as it has processors; more pipelined
 * connections only take turns (measured, ADR 0007 and 0019). A write waits for the disk, which writes several commits at
 * once: one organization has four connections for them where there are six (measured, ADR 0032).
 * @param total the most that one process opens, the health check's aside; at least 8
 */
export function shareConnections(total: number): ConnectionShares {
  const processors = Math.max(2, availableParallelism());
  const quarter = Math.floor(total / 4);
  const reads = Math.max(1, Math.min(8, processors, Math.floor(total / 8)));
  const writes = Math.max(2, Math.min(16, Math.floor((total * 3) / 8)));
  const searches = Math.max(2, quarter);
  const transactions = total - reads - writes - searches;
  return {
    reads: { size: reads, perOrganization: reads },
    writes: { size: writes, perOrganization: Math.max(1, Math.floor((writes * 2) / 3)) },
    transactions: { size: transactions, perOrganization: Math.max(1, Math.floor(transactions / 2)) },
    searches: { size: searches, perOrganization: Math.max(1, Math.floor(searches / 2)) },
  };
}

/**
 * The settings of a connection. Time limits apply on both sides: Postgres ends a statement that takes too
 * long, the client ends a connection that does not answer.
 * @param pooler true behind a pooler in transaction mode, which accepts no session settings: there the role has
 *   them (`setRoleDefaults`)
 */
export function clientSettings(url: string, kind: ConnectionKind, pooler: boolean): pg.ClientConfig {
  const { statement, lock } = TIME_LIMITS[kind];
  return {
    connectionString: url,
    types: valueParsers,
    application_name: `rollcall ${kind}`,
    connectionTimeoutMillis: kind === 'health' ? TIME_LIMITS.health.statement : CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // The library destroys the connection when this runs out, so that nothing waits behind a lost answer.
    query_timeout: statement + WIRE_GRACE_MS,
    pipeline: true,
    ...(pooler
      ? {}
      : {
          options: sessionSettings({ statement, lock })
            .map(([name, value]) => `-c ${name}=${value}`)
            .join(' '),
        }),
  };
}

/**
 * Gives a role the settings that a session behind a pooler cannot set, in this database only.
 * @param directUrl Postgres itself
 * @param role the one that the pooler signs in as
 * @throws Error with the statements to run, if the role of `directUrl` may not change that one
 */
export async function setRoleDefaults(directUrl: string, role: string): Promise<void> {
  const client = new pg.Client({ connectionString: directUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('select current_database() as name');
    const target = `role ${pg.escapeIdentifier(role)} in database ${pg.escapeIdentifier(rows[0]?.name ?? '')}`;
    const statements = sessionSettings(TIME_LIMITS.transactions).map(
      ([name, value]) => `alter ${target} set ${name} = ${pg.escapeLiteral(value)}`,
    );
    for (const statement of statements) {
      await client.query(statement).catch((cause: unknown) => {
        throw new Error(
          `The role of DATABASE_URL_DIRECT may not change the role ${role}. Let a superuser run: ${statements.join('; ')};`,
          { cause },
        );
      });
    }
  } finally {
    await client.end();
  }
}

function sessionSettings(limits: {
  readonly statement: number;
  readonly lock: number;
}): readonly (readonly [name: string, value: string])[] {
  return [
    // Statements here take a millisecond; compiling one takes hundreds.
    ['jit', 'off'],
    ['timezone', 'UTC'],
    // One organization's search takes one processor, not all.
    ['max_parallel_workers_per_gather', '0'],
    ['statement_timeout', String(limits.statement)],
    ['lock_timeout', String(limits.lock)],
    ['idle_in_transaction_session_timeout', '60000'],
  ];
}
