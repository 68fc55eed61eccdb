import { type Database, openDatabase } from '../../platform/db/database.ts';
import { pendingMigrations } from '../../platform/db/migrate.ts';
import { DatabaseUnavailable } from '../../platform/db/unavailable.ts';
import type { SecretKeys } from '../../platform/secret-box.ts';
import { areKeysKnown } from '../../secrets/known-keys.ts';
import { UNKNOWN_KEY_MESSAGE } from '../../secrets/startup-check.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';
import { countStuckJobs, describeServer, missingPartitions, type ServerFacts } from './store.ts';

const OLDEST_POSTGRES = 15;
/** How far the clocks may be apart, in milliseconds: codes of authenticators and assertions are valid for about a minute. */
const SKEW_WARN_MS = 5_000;
const SKEW_FAIL_MS = 60_000;
/** Poolers' error for a parameter that they do not accept. */
const PROTOCOL_VIOLATION = '08P01';

/** Where the database is; `pooler` points to the same one, if there is a pooler. */
export interface DatabaseAddresses {
  readonly direct: string;
  readonly pooler: string | undefined;
  readonly keys: SecretKeys | undefined;
}

/** Checks the database: whether it answers, what it is, and what is in it. */
export async function checkDatabase({ direct, pooler, keys }: DatabaseAddresses): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (pooler !== undefined) findings.push(...(await withDatabase(pooler, true, checkPooler, 'pooler')));
  findings.push(...(await withDatabase(direct, false, (db) => checkServer(db, direct, keys), 'database')));
  return findings;
}

async function withDatabase(
  url: string,
  pooler: boolean,
  check: (db: Database) => Promise<Finding[]>,
  name: 'database' | 'pooler',
): Promise<Finding[]> {
  const db = openDatabase({ url, pooler, connections: 8 });
  try {
    return await check(db);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    const setting = name === 'pooler' ? 'DATABASE_URL' : 'DATABASE_URL_DIRECT, else DATABASE_URL,';
    return [
      error.code === PROTOCOL_VIOLATION
        ? fail(
            name,
            'DATABASE_URL points to a pooler: set DATABASE_URL_DIRECT to the address of Postgres itself.',
          )
        : fail(name, `No answer (${reasonOf(error)}): check ${setting} and that Postgres is running.`),
    ];
  } finally {
    await db.close();
  }
}

/** Behind a pooler the role has the time limits that a session cannot bring along. */
async function checkPooler(db: Database): Promise<Finding[]> {
  const { statementTimeout, role } = await describeServer(db);
  return [
    ok('pooler', 'Reachable.'),
    statementTimeout === '0'
      ? fail(
          'time limits',
          `The role ${role} has no statement_timeout: start the server once, which sets it, or see docs/production.md, "A pooler".`,
        )
      : ok('time limits', `The role ${role} has a statement_timeout of ${statementTimeout}.`),
  ];
}

async function checkServer(db: Database, url: string, keys: SecretKeys | undefined): Promise<Finding[]> {
  const before = Date.now();
  const facts = await describeServer(db);
  const between = (before + Date.now()) / 2;
  const findings = [
    facts.readOnly
      ? fail('database', 'Reachable, but read-only: point DATABASE_URL to the primary, or end the failover.')
      : ok('database', 'Reachable and writable.'),
    ...checkVersion(facts),
    checkClock(between - facts.nowMs),
  ];
  const pending = await findPending(url);
  findings.push(pending.finding);
  if (pending.finding.status !== 'ok') return findings;
  return [...findings, await checkPartitions(db), ...(await checkJobs(db)), ...(await checkKeys(db, keys))];
}

function checkVersion({ version, major, icu }: ServerFacts): Finding[] {
  return [
    major >= OLDEST_POSTGRES
      ? ok('version', `PostgreSQL ${version}.`)
      : fail('version', `PostgreSQL ${version} is too old: use ${OLDEST_POSTGRES} or newer.`),
    icu
      ? ok('collation', 'ICU collations are available.')
      : fail('collation', 'The collation "und-x-icu" is missing: use PostgreSQL built with ICU.'),
  ];
}

/** @param ahead how far this machine's clock is ahead, in milliseconds */
function checkClock(ahead: number): Finding {
  const apart = Math.abs(ahead);
  if (apart <= SKEW_WARN_MS) return ok('clock', 'In step with the database.');
  const message = `${Math.round(apart / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'} the database: synchronize both with NTP.`;
  return apart > SKEW_FAIL_MS ? fail('clock', message) : warn('clock', message);
}

async function findPending(url: string): Promise<{ readonly finding: Finding }> {
  try {
    const pending = await pendingMigrations(url);
    return {
      finding:
        pending.length === 0
          ? ok('migrations', 'All applied.')
          : warn('migrations', `${pending.length} pending: start the server, or run rollcall migrate.`),
    };
  } catch (error) {
    return { finding: fail('migrations', `${reasonOf(error)}.`) };
  }
}

async function checkPartitions(db: Database): Promise<Finding> {
  const missing = await missingPartitions(db);
  return missing.length === 0
    ? ok('event partitions', 'Present for this month and the next.')
    : warn(
        'event partitions',
        `Missing for ${missing.join(' and ')}: make sure that a server with ROLE=all or ROLE=worker is running.`,
      );
}

async function checkJobs(db: Database): Promise<Finding[]> {
  const { dead, late } = await countStuckJobs(db);
  return [
    dead === 0
      ? ok('dead jobs', 'None.')
      : warn(
          'dead jobs',
          `${dead} ended in failure: rollcall jobs list --state dead says why, rollcall jobs retry tries again.`,
        ),
    late === 0
      ? ok('late jobs', 'None.')
      : warn(
          'late jobs',
          `${late} should have run by now: make sure that a server with ROLE=all or ROLE=worker is running.`,
        ),
  ];
}

async function checkKeys(db: Database, keys: SecretKeys | undefined): Promise<Finding[]> {
  if (keys === undefined) return [];
  if (!(await areKeysKnown(db, keys))) return [fail('secret key', UNKNOWN_KEY_MESSAGE)];
  return [
    keys.previous.length === 0
      ? ok('secret key', 'Decrypts the secrets in the database.')
      : warn(
          'secret key',
          'A rotation is under way: run rollcall secrets rotate, then remove SECRET_KEY_PREVIOUS.',
        ),
  ];
}
