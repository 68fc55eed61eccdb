import request, { type Test } from 'supertest';
import type { TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A browser: it keeps the cookies that it is given, and sends the CSRF token that it was told last. */
export interface Browser {
  readonly cookies: Map<string, string>;
  csrfToken: string;
  ask(verb: Verb, path: string, body?: object): Test;
}

export function newBrowser({ server }: TestRollcall): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    cookies,
    csrfToken: '',
    ask: (verb, path, body) => {
      const asked = request(server)
        [verb](`/api/v1${path}`)
        .set({
          Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          'X-CSRF-Token': browser.csrfToken,
        });
      asked.on('response', ({ headers }: { headers: Record<string, unknown> }) => {
        for (const cookie of (headers['set-cookie'] ?? []) as string[]) {
          const [name = '', value = ''] = (cookie.split(';')[0] as string).split('=');
          if (value === '') cookies.delete(name);
          else cookies.set(name, value);
        }
      });
      return body === undefined ? asked : asked.send(body);
    },
  };
  return browser;
}

/** Signs the owner of an organization in. */
export async function ownersBrowser(
  rollcall: TestRollcall,
  { ownerEmail }: TestOrganization,
): Promise<Browser> {
  const browser = newBrowser(rollcall);
  const { body } = await browser
    .ask('post', '/auth/login', { email: ownerEmail, password: OWNER_PASSWORD })
    .expect(200);
  browser.csrfToken = body.csrfToken;
  return browser;
}

/** Opens the demonstration. */
export async function openDemonstration(browser: Browser): Promise<void> {
  const { body } = await browser.ask('post', '/demonstration/session').expect(200);
  browser.csrfToken = body.csrfToken;
}

/** Has the demonstration of an organization loaded, and waits for it. */
export async function loadDemonstration({ rollcall }: TestRollcall, owner: TestUser): Promise<void> {
  const asked = await owner.post('/demonstration').expect(202);
  if (asked.body.state !== 'loading') throw new Error(asked.text);
  await rollcall.runDueJobsOnce();
  const { body } = await owner.get('/demonstration').expect(200);
  if (body.state !== 'ready') throw new Error(JSON.stringify([body, (await owner.get('/jobs')).body]));
}

/** Every table that has rows of organizations, as the catalog has it. */
export async function tablesOfOrganizations({ rollcall }: TestRollcall): Promise<readonly string[]> {
  const rows = await rollcall.db.search<{ name: string }>(
    `select c.table_name::text as name from information_schema.columns c join pg_class t
      on t.oid = format('public.%I', c.table_name)::regclass
    where c.table_schema = 'public' and c.column_name = 'org_id' and t.relkind in ('r', 'p') and not t.relispartition
    order by 1`,
    [],
  );
  return rows.map(({ name }) => name);
}

/** How many rows an organization has in each table that has some of it. */
export async function rowsOf(rollcall: TestRollcall, org: string): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const name of await tablesOfOrganizations(rollcall)) {
    const [row] = await rollcall.rollcall.db.search<{ rows: number }>(
      `select count(*)::int as rows from "${name}" where org_id = $1::uuid`,
      [org],
    );
    if (row !== undefined && row.rows > 0) found[name] = row.rows;
  }
  return found;
}

/** The id of the demonstration of an organization. */
export async function demonstrationOf(rollcall: TestRollcall, org: string): Promise<string | undefined> {
  const [row] = await rollcall.rollcall.db.search<{ id: string }>(
    'select id from organizations where demonstration_of = $1::uuid',
    [org],
  );
  return row?.id;
}
