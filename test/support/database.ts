import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ADMIN_URL, databaseUrl, runSql, TEMPLATE } from './postgres.ts';

/** A migrated, otherwise empty database that no other user uses. */
export interface TestDatabase {
  readonly url: string;
  /** Ends every session on it, too. */
  drop(): Promise<void>;
}

const ATTEMPTS = 50;

/** Clones the template that the set-up migrated; for one test file, usually in `beforeAll`. */
export function createDatabase(): Promise<TestDatabase> {
  return cloneDatabase(fromSetup(TEMPLATE));
}

/** A database with nothing in it, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return cloneDatabase('template0');
}

async function cloneDatabase(template: string): Promise<TestDatabase> {
  const serverUrl = fromSetup(ADMIN_URL);
  const name = `rollcall_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await clone(serverUrl, template, name);
  return {
    url: databaseUrl(serverUrl, name),
    drop: () => runSql(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

/** Postgres rejects to clone a database while a user is connected to it, which other clones may be for a moment. */
async function clone(serverUrl: string, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await runSql(serverUrl, `create database ${name} template ${template}`);
      return;
    } catch (error) {
      const inUse = error instanceof Error && 'code' in error && error.code === '55006';
      if (!inUse || attempt === ATTEMPTS) throw error;
      await delay(50 + Math.random() * 100);
    }
  }
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests through npm test.`);
  return value;
}
