import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConnectionId, OrgId } from '../../src/directory/ids.ts';
import { insertConnection } from '../../src/directory/organizations/store/organizations.ts';
import { type Conversation, type Exchange, readConversations } from '../../src/exchanges/exchange.ts';
import { perform, startVariables, type Variables } from '../../src/exchanges/replay.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import { hashToken } from '../../src/platform/opaque-token.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { insertScimToken } from '../../src/provisioning/store/tokens.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const conversations = readConversations();

let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall();
});

afterAll(() => rollcall.close());

describe.each(conversations)('$client', (conversation) => {
  let organization: TestOrganization;
  let variables: Variables;
  let strictToken: string;

  beforeAll(async () => {
    organization = await rollcall.organization({ name: conversation.client });
    variables = startVariables({ baseUrl: rollcall.base, token: organization.token });
    strictToken = await addStrictConnection(organization);
  });

  test.each(conversation.exchanges)('$name: $title', async (exchange) => {
    if (exchange.strict !== undefined) {
      const strictly = new Map([...variables, ['token', strictToken]]);
      const refused = await perform(exchange, strictly, exchange.strict);
      expect(['in strict mode', ...refused.mismatches]).toEqual(['in strict mode']);
    }
    const { mismatches } = await perform(exchange, variables);
    expect(mismatches).toEqual([]);
  });

  test('what it leaves in Postgres', async () => {
    expect(await usersOf(organization)).toEqual(conversation.leaves);
  });
});

const quirks = readdirSync(join(packageRoot(import.meta.url), 'src/scim/quirks'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => !['dialect', 'index'].includes(name));

/** What these read otherwise is legal by itself: an empty string, and text that happens to be JSON. */
const legalInStrictMode = ['okta-empty-strings', 'entra-json-in-roles'];

const exchanges = conversations.flatMap((conversation: Conversation) => conversation.exchanges);

test.each(quirks)('the quirk %s is needed by an exchange', (quirk) => {
  expect(exchanges.filter((exchange) => exchange.quirks?.includes(quirk)).length).toBeGreaterThan(0);
});

test.each(quirks.filter((quirk) => !legalInStrictMode.includes(quirk)))(
  'strict mode rejects what the quirk %s alone tolerates',
  (quirk) => {
    const alone = exchanges.filter((exchange) => exchange.quirks?.join() === quirk);
    expect(alone.map((exchange) => exchange.strict?.status)).toContain(400);
  },
);

test('every exchange that needs a quirk has the answer of strict mode, and names existing quirks', () => {
  for (const { name, request, quirks: needed = [], strict } of exchanges) {
    expect({ name, unknown: needed.filter((quirk) => !quirks.includes(quirk)) }).toEqual({
      name,
      unknown: [],
    });
    if (needed.every((quirk) => legalInStrictMode.includes(quirk))) continue;
    expect({ name, strict: strict?.status }).toEqual({ name, strict: sendsNoJson(request) ? 415 : 400 });
  }
});

/** Whose body strict mode does not even read. */
function sendsNoJson({ headers, body }: Exchange['request']): boolean {
  return body !== undefined && !/json/.test(headers['Content-Type'] ?? '');
}

/** A second connection of the same organization, to send a request in the same state and see it rejected. */
async function addStrictConnection({ org }: TestOrganization): Promise<string> {
  const { db } = rollcall.rollcall;
  const connection = uuidv7() as ConnectionId;
  const token = randomBytes(32).toString('base64url');
  const now = new Date().toISOString();
  await insertConnection(db, org as OrgId, connection, 'Strict', true, now);
  const kept = { id: uuidv7(), connection, hash: hashToken(token), last4: token.slice(-4) };
  await insertScimToken(db, org as OrgId, kept, now);
  return token;
}

/** Straight from the tables. */
async function usersOf({ org }: TestOrganization): Promise<Conversation['leaves']> {
  const { db } = rollcall.rollcall;
  const users = await db.search<{ name: string; status: 'active' | 'inactive' }>(
    `select user_name as name, status from users where org_id = $1 and deleted_at is null and not owner`,
    [org],
  );
  const groups = await db.search<{ name: string; members: string[] }>(
    `select g.display_name as name, coalesce(array_agg(u.user_name order by u.user_name_key)
        filter (where u.id is not null), '{}') as members
      from groups g
      left join group_members m on m.org_id = g.org_id and m.group_id = g.id
      left join users u on u.org_id = m.org_id and u.id = m.user_id
      where g.org_id = $1 group by g.id, g.display_name`,
    [org],
  );
  return {
    users: Object.fromEntries(users.map(({ name, status }) => [name, status])),
    groups: Object.fromEntries(groups.map(({ name, members }) => [name, members])),
  };
}
