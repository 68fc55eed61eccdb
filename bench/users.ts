import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { migrate } from '../src/platform/db/migrate.ts';
import { serve } from '../src/serve.ts';
import { startPostgres } from './postgres.ts';
import { seedOrganization } from './seed.ts';

/**
 * How long an administrator waits, in an organization of 1,000,000, for a page of the list of users with each filter of
 * the specification (R65 to R70), and for the pages that count everyone: `npm run bench:users`. Times over HTTP, in
 * milliseconds.
 */

const USERS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 20;
const EMAIL = 'owner@example.com';
const PASSWORD = randomBytes(12).toString('base64url');

/** Who signed in when, a few administrators, some who left: as in a company. */
const VARY = `update users set
    role = case when n % 5000 = 0 then 'admin' when n % 100 = 0 then 'configure' else 'readonly' end,
    status = case when n % 40 = 0 then 'inactive' when n % 500 = 1 then 'pending' else 'active' end,
    last_login_at = case when n % 3 = 0 then null else now() - make_interval(mins => (n % 500000)::int) end
  from (select id as i, row_number() over (order by id) as n from users) as numbered
  where users.id = i and not owner`;

/** Everyone signs in through a provider, but one of a thousand. */
const LINK = `with made as (
    insert into connections (org_id, id, name, created_at)
    select org_id, gen_random_uuid(), 'Okta', now() from users where owner limit 1 returning org_id, id
  ), active as (
    insert into sso_connections (org_id, connection_id, protocol, provider, state, settings, created_at, updated_at)
    select org_id, id, 'saml', 'okta', 'active', '{}', now(), now() from made returning org_id, connection_id
  )
  insert into identities (org_id, connection_id, subject, user_id, linked_by, linked_at)
  select org_id, connection_id, u.id::text, u.id, 'jit', now()
  from active join (select org_id, id, row_number() over (order by id) as n from users) u using (org_id)
  where n % 1000 <> 0`;

const postgres = await startPostgres(process.env['BENCH_DATABASE_URL']);
try {
  const url = await postgres.createDatabase('users');
  await migrate(url);
  const population = { users: USERS, groupSizes: [10, 1_000, 10_000] };
  let shown = -1;
  const seeded = await seedOrganization(url, population, (done) => {
    const tenth = Math.floor(done * 10);
    if (tenth === shown) return;
    shown = tenth;
    process.stderr.write(`${String(tenth * 10).padStart(3)} % making users\n`);
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('alter table users disable trigger user');
  await client.query(VARY);
  await client.query(LINK);
  await client.query('vacuum (analyze) users, identities, sso_connections');
  const { hashPassword } = await import('../src/sign-in/passwords.ts');
  await client.query(
    `update user_passwords set hash = $1 where user_id = (select id from users where org_id = $2 and owner)`,
    [await hashPassword(PASSWORD), seeded.org],
  );
  const { rows } = await client.query('select email from users where org_id = $1 and owner', [seeded.org]);
  const email = (rows[0]?.email as string | undefined) ?? EMAIL;
  const { rows: groups } = await client.query(
    'select id from groups where org_id = $1 order by id desc limit 1',
    [seeded.org],
  );
  const { rows: some } = await client.query(
    'select email_key, display_name_key from users where org_id = $1 and email_key is not null offset 1000 limit 1',
    [seeded.org],
  );
  await client.end();

  const { rollcall, server } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    mail: { smtpUrl: undefined, folder: '/nowhere', from: 'bench@example.com' },
  });
  const base = `http://127.0.0.1:${server.port}/api/v1`;
  const login = await fetch(`${base}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const day = new Date(Date.now() - 86_400_000).toISOString();
  const old = new Date(Date.now() - 340 * 86_400_000).toISOString();
  const name = (some[0]?.display_name_key as string | undefined) ?? 'a';
  const now = new Date().toISOString();
  const questions: readonly (readonly [title: string, path: string])[] = [
    ['first page', '/users'],
    ['by name', '/users?sort=name'],
    ['by last login', '/users?sort=-lastLoginAt'],
    ['search by e-mail', `/users?q=${encodeURIComponent(String(some[0]?.email_key).slice(0, 12))}`],
    ['search by name', `/users?q=${encodeURIComponent(name.split(' ').at(-1) ?? name)}`],
    ['role: admin', '/users?role=admin'],
    ['status: inactive', '/users?status=inactive'],
    ['status: pending, by name', '/users?status=pending&sort=name'],
    ['group', `/users?group=${groups[0]?.id as string}`],
    ['last login after yesterday', `/users?lastLoginAfter=${day}`],
    ['last login before last year', `/users?lastLoginBefore=${old}`],
    ['never logged in', '/users?neverLoggedIn=true'],
    ['locked', '/users?locked=true'],
    ['admin, inactive, before yesterday', `/users?role=admin&status=inactive&lastLoginBefore=${day}`],
    ['inactive 90 days', '/users?inactiveDays=90'],
    ['outside single sign-on', '/users?status=active&outsideSso=true'],
    ['groups, a first page', '/groups'],
    ['what needs attention (Home)', '/attention'],
    ['posture', '/posture'],
    ['the list as of now (history)', `/users?asOf=${now}`],
  ];
  process.stdout.write(
    `\n${USERS.toLocaleString('en')} users, pages of 50, median and slowest of ${ROUNDS}\n\n`,
  );
  process.stdout.write('| question | median ms | slowest ms |\n|---|---:|---:|\n');
  for (const [title, path] of questions) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      const answer = await fetch(`${base}${path}`, { headers: { Cookie: cookie } });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${title}: ${answer.status} ${text}`);
      times.push(performance.now() - start);
    }
    times.sort((left, right) => left - right);
    const [median, slowest] = [times[ROUNDS / 2] as number, times.at(-1) as number];
    process.stdout.write(`| ${title} | ${median.toFixed(1)} | ${slowest.toFixed(1)} |\n`);
  }
  await server.close({ lingerMs: 0, graceMs: 0 });
  await rollcall.close();
} finally {
  await postgres.stop();
}
