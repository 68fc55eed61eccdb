import { randomBytes } from 'node:crypto';
import { hash as hashPassword } from '@node-rs/argon2';
import type { Database } from '../../platform/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Executor } from '../../platform/statement.ts';
import type { Origin } from '../actor.ts';
import { hashToken } from '../connections/credentials.ts';
import { type EventAction, envelope, eventId } from '../events.ts';
import type { ConnectionId, OrgId, UserId } from '../ids.ts';
import {
  insertConnection,
  insertEventRow,
  insertOrganization,
  insertPasswordHash,
  insertScimToken,
  lockBootstrap,
  organizationExists,
} from '../store/organizations.ts';
import { insertUser } from '../store/user-writes.ts';

/** What a new organization is made of; what is left out is made up. */
export interface OrganizationIntent {
  readonly name: string | undefined;
  readonly ownerEmail: string | undefined;
  readonly ownerPassword: string | undefined;
  readonly connectionName: string;
  readonly strict: boolean;
  /** At least 32 characters. */
  readonly scimToken: string | undefined;
}

/** A new organization. Secrets are here if they were made up, to be shown once; they are kept as hashes only. */
export interface NewOrganization {
  readonly org: OrgId;
  readonly name: string;
  readonly ownerEmail: string;
  readonly madeUpPassword: string | undefined;
  readonly connection: ConnectionId;
  readonly madeUpToken: string | undefined;
}

export interface OrganizationDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A secret of 256 random bits that says what it is, so that scanners of leaked secrets can find it. */
function makeToken(): string {
  return `rollcall_scim_${randomBytes(32).toString('base64url')}`;
}

/** Makes an organization with its owner and its first connection, in one transaction. */
export async function createOrganization(
  { db, now }: OrganizationDependencies,
  origin: Origin,
  intent: OrganizationIntent,
): Promise<NewOrganization> {
  return db.transaction((tx) => write(tx, now(), origin, intent));
}

/**
 * Makes the first organization of an empty database.
 * @returns undefined if there is one already
 */
export async function createFirstOrganization(
  { db, now }: OrganizationDependencies,
  origin: Origin,
  intent: OrganizationIntent,
): Promise<NewOrganization | undefined> {
  if (await organizationExists(db)) return undefined;
  return db.transaction(async (tx) => {
    await lockBootstrap(tx);
    return (await organizationExists(tx)) ? undefined : write(tx, now(), origin, intent);
  });
}

async function write(
  tx: Executor,
  time: Date,
  origin: Origin,
  intent: OrganizationIntent,
): Promise<NewOrganization> {
  const at = time.toISOString();
  const make = () => uuidv7(time.getTime());
  const [org, owner, connection] = [make() as OrgId, make() as UserId, make() as ConnectionId];
  const password = intent.ownerPassword ?? randomBytes(12).toString('base64url');
  const token = intent.scimToken ?? makeToken();
  const name = intent.name ?? 'My organization';
  const ownerEmail = intent.ownerEmail ?? 'owner@example.com';

  await insertOrganization(tx, org, name, at);
  await insertUser(
    tx,
    org,
    {
      id: owner,
      userName: ownerEmail,
      email: ownerEmail,
      status: 'active',
      role: 'admin',
      owner: true,
      source: 'bootstrap',
      profile: { emails: [{ value: ownerEmail, type: 'work', primary: true }] },
      emailKeys: [ownerEmail.toLowerCase()],
      link: undefined,
    },
    envelope(origin, make(), at),
  );
  await insertPasswordHash(tx, org, owner, await hashPassword(password, argon2id), at);
  await insertConnection(tx, org, connection, intent.connectionName, intent.strict, at);
  const tokenId = make();
  await insertScimToken(tx, org, tokenId, connection, hashToken(token), at);

  const shared = envelope(origin, make(), at);
  const events: readonly (readonly [EventAction, string, string])[] = [
    ['organization.created', 'organization', org],
    ['connection.created', 'connection', connection],
    ['scim.token_issued', 'scim_token', tokenId],
  ];
  for (const [ordinal, [action, targetType, target]] of events.entries()) {
    await insertEventRow(tx, [
      org,
      eventId(shared.idBase, ordinal),
      at,
      action,
      shared.actor,
      targetType,
      target,
      null,
      shared.context,
    ]);
  }
  return {
    org,
    name,
    ownerEmail,
    madeUpPassword: intent.ownerPassword === undefined ? password : undefined,
    connection,
    madeUpToken: intent.scimToken === undefined ? token : undefined,
  };
}
