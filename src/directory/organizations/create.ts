import { randomBytes } from 'node:crypto';
import { envelope } from '../../audit/envelope.ts';
import { recordEvents } from '../../audit/store/append.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor } from '../../platform/db/statement.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { hashToken, lastOf, makeToken } from '../../platform/opaque-token.ts';
import { insertScimToken } from '../../provisioning/store/tokens.ts';
import { hashPassword } from '../../sign-in/passwords.ts';
import type { Origin } from '../actor.ts';
import type { ConnectionId, OrgId, UserId } from '../ids.ts';
import { nameParts } from '../users/rules/display-name.ts';
import { insertUser } from '../users/store/writes.ts';
import {
  insertConnection,
  insertOrganization,
  insertPasswordHash,
  lockBootstrap,
  organizationExists,
} from './store/organizations.ts';

/** The address of an owner who was given none. */
export const FIRST_OWNER_EMAIL = 'owner@example.com';

/** Default name of the first owner: clients expect every user to have a name. */
export const FIRST_OWNER_NAME = 'First Owner';

/** What a new organization is made of; what is left out is made up. */
export interface OrganizationIntent {
  readonly name: string | undefined;
  readonly ownerEmail: string | undefined;
  /** Left out: none. */
  readonly ownerName?: string | undefined;
  readonly ownerPassword: string | undefined;
  readonly connectionName: string;
  readonly strict: boolean;
  /** At least 32 characters. */
  readonly scimToken: string | undefined;
  /** Makes it a demonstration of this organization. */
  readonly demonstrationOf?: OrgId;
}

/** A new organization. Secrets are here if they were made up, to be shown once; they are kept as hashes only. */
export interface NewOrganization {
  readonly org: OrgId;
  readonly name: string;
  readonly ownerEmail: string;
  readonly ownerName: string | undefined;
  readonly madeUpPassword: string | undefined;
  readonly connection: ConnectionId;
  readonly madeUpToken: string | undefined;
}

export interface OrganizationDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

/** Makes an organization with its owner and its first connection, in one transaction. */
export async function createOrganization(
  { db, now }: OrganizationDependencies,
  origin: Origin,
  intent: OrganizationIntent,
): Promise<NewOrganization> {
  return db.transaction('bootstrap', (tx) => write(tx, now(), origin, intent));
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
  return db.transaction('bootstrap', async (tx) => {
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
  const token = intent.scimToken ?? makeToken('scim');
  const name = intent.name ?? 'My organization';
  const ownerEmail = intent.ownerEmail ?? FIRST_OWNER_EMAIL;

  await insertOrganization(tx, org, name, at, intent.demonstrationOf);
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
      profile: {
        emails: [{ value: ownerEmail, type: 'work', primary: true }],
        ...(intent.ownerName === undefined
          ? {}
          : { displayName: intent.ownerName, name: nameParts(intent.ownerName) }),
      },
      emailKeys: [ownerEmail.toLowerCase()],
      link: undefined,
    },
    envelope(origin, make(), at),
  );
  await insertPasswordHash(tx, org, owner, await hashPassword(password), at);
  await insertConnection(tx, org, connection, intent.connectionName, intent.strict, at);
  const tokenId = make();
  const kept = { id: tokenId, connection, hash: hashToken(token), last4: lastOf(token) };
  await insertScimToken(tx, org, kept, at);

  const shared = envelope(origin, make(), at);
  await recordEvents(tx, org, shared, [
    { action: 'organization.created', target: ['organization', org] },
    { action: 'connection.created', target: ['connection', connection] },
    { action: 'scim.token_issued', target: ['scim_token', tokenId] },
  ]);
  return {
    org,
    name,
    ownerEmail,
    ownerName: intent.ownerName,
    madeUpPassword: intent.ownerPassword === undefined ? password : undefined,
    connection,
    madeUpToken: intent.scimToken === undefined ? token : undefined,
  };
}
