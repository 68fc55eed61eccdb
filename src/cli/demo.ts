import { join } from 'node:path';
import { createOrganization } from '../directory/organizations/create.ts';
import { type Conversation, exchangesFolder, readConversation } from '../exchanges/exchange.ts';
import { type Outcome, replay } from '../exchanges/replay.ts';
import { type Database, openDatabase } from '../platform/db/database.ts';
import { type Command, parseOptions, print, readConfig } from './command.ts';
import { DEMO_OWNER_EMAIL, demoOrganizationName } from './demo/organizations.ts';
import { withServer } from './demo/server.ts';
import { userTables } from './demo/users.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { cut } from './text-table.ts';

const help = `Usage: rollcall demo

Replays how Okta and Microsoft Entra ID provision users, request by request as they send them, against the running
server, and shows the users and groups that are then in Postgres. It creates an organization for each, which stays,
and leaves the others alone. Other commands choose an organization of a demo only if --org names it.

The server is the one at PUBLIC_URL, else at HOST and PORT; if none answers, the demo starts one on a temporary folder.

Options:
  -h, --help  print this help
`;

const shown = ['okta', 'entra'];

export const demoCommand: Command = {
  help,
  example: 'rollcall demo',
  failure: 'an exchange was not answered as the client expects.',
  run: async (args) => {
    parseOptions(args, {});
    const onOwn = (url: string) =>
      print(`No server answers at ${url}: the demo starts one on a temporary folder.\n`);
    return withServer(readConfig(), onOwn, async ({ url, databaseUrl }) => {
      const db = openDatabase({ url: databaseUrl, connections: 8 });
      try {
        return await show(db, url);
      } finally {
        await db.close();
      }
    });
  },
};

async function show(db: Database, url: string): Promise<number> {
  const conversations = shown.map((name) => readConversation(join(exchangesFolder, name)));
  const total = conversations.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  const bar = createProgressBar(process.stdout);
  const ends: string[] = [];
  let [done, failed] = [0, 0];
  for (const conversation of conversations) {
    const title = `${conversation.client} provisions ${url}/scim/v2`;
    bar.line(`${title}\n`);
    const { org, name, madeUpToken } = await makeOrganization(db, conversation);
    const outcomes = await replay(conversation, {
      baseUrl: `${url}/scim/v2`,
      token: madeUpToken as string,
      onExchange: (outcome) => {
        done += 1;
        present(bar, outcome);
        bar.show(done / total);
      },
    });
    bar.line('');
    failed += outcomes.filter(({ mismatches }) => mismatches.length > 0).length;
    ends.push(
      `What ${conversation.client} left in Postgres, in the organization "${name}":`,
      '',
      ...(await userTables(db, org)),
      '',
    );
  }
  bar.end();
  print(ends.join('\n'));
  print(
    failed === 0
      ? `All ${total} exchanges were answered as these clients expect.`
      : `${failed} of ${total} exchanges were not answered as these clients expect: see the lines marked ✗.`,
  );
  return failed === 0 ? 0 : 1;
}

function makeOrganization(db: Database, { client }: Conversation) {
  return createOrganization(
    { db, now: () => new Date() },
    { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'demo' },
    {
      name: demoOrganizationName(client, new Date()),
      ownerEmail: DEMO_OWNER_EMAIL,
      ownerPassword: undefined,
      connectionName: client,
      strict: false,
      scimToken: undefined,
    },
  );
}

function present(bar: ProgressBar, { exchange, status, milliseconds, mismatches }: Outcome): void {
  const { method, path } = exchange.request;
  const mark = mismatches.length === 0 ? '✓' : '✗';
  const time = `${Math.round(milliseconds)} ms`.padStart(6);
  bar.line(
    `  ${mark} ${String(status ?? '–').padEnd(3)} ${time}  ${method.padEnd(6)} ${cut(readable(path), 44).padEnd(44)}  ${exchange.title}`,
  );
  for (const mismatch of mismatches) bar.line(`        ${mismatch}`);
}

/** The path as a user reads it: decoded, ids cut. */
function readable(path: string): string {
  return decodeURIComponent(path.replaceAll('+', ' '))
    .replaceAll(/\$\{(\w+)\}/g, '<$1>')
    .replaceAll('urn:ietf:params:scim:schemas:', '…');
}
