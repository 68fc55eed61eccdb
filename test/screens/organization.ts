import { randomUUID } from 'node:crypto';
import { joins, signIn, type TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const PEOPLE = [
  'Haruto Ōtani',
  'Tomasz Wiśniewski',
  'Олена Коваленко',
  'Ingrid Solheim',
  'Mateo García Iñárritu',
  'Fatima al-Sayed',
  'Nguyễn Thị Minh Khai',
  'Siobhán Ó Faoláin-O’Brien',
  'ليلى حداد',
  'Jean-Baptiste N’Guessan',
  'Priya Raman',
  'Alexandros-Konstantinos Wolfeschlegelsteinhausen-Papadopoulos',
  'Suharti',
  'Chiara Rossi',
  'Lukas Weber',
  'Kahurangi Te Rangi',
  'Bob Müller',
  'Ngozi Eze',
  'Emma Johansson',
  'Wei Zhang',
  'Aisha Khan',
  'Carlos Mendoza',
  'Yuki Tanaka',
  'Anna Kowalska',
  'Peter O’Reilly',
  'Sven Lindqvist',
  'Maria da Silva',
  'David Cohen',
] as const;
const GROUPS = [
  'Engineering',
  'Engineering leads',
  'Support Team',
  'Sales Team',
  'QA',
  'Contractors',
] as const;
const AGENTS = ['Support Agent', 'Invoice Agent', 'Sales Agent'] as const;
const HOUR_MS = 3_600_000;

/** What the pages are looked at with: their ids. */
export interface Shown {
  readonly person: string;
  readonly group: string;
  readonly scim: string;
  readonly sso: string;
  readonly review: string;
  readonly webhook: string;
}

/** Fills an organization as a directory, an administrator and its users would. */
export async function fillOrganization(
  rollcall: TestRollcall,
  organization: TestOrganization,
): Promise<Shown> {
  const owner = await signIn(rollcall.server, organization.ownerEmail, OWNER_PASSWORD);
  await owner.patch('/me', { name: 'Amara Okafor' }).expect(200);
  await owner
    .patch(`/scim/connections/${organization.connection}`, { name: 'Okta · production' })
    .expect(200);
  const people = await provision(organization);
  for (const [path, body] of [
    ['/invitations', { email: 'jane@halden.example', name: 'Jane Smith' }],
    [
      '/invitations',
      { email: 'ravi@partner.example', name: 'Ravi Patel', role: 'configure', reason: 'Pilot' },
    ],
    ['/service-accounts', { name: 'Nightly sync', description: 'Copies users into the warehouse' }],
    ['/me/api-keys', { name: 'Laptop', scopes: ['users:read'] }],
  ] as const) {
    await owner.post(path, body).expect(201);
  }
  const manager = await joins(rollcall, owner, {
    email: 'grace@halden.example',
    name: 'Grace Hopper',
    role: 'configure',
  });
  await manager
    .post('/me/elevations', {
      role: 'admin',
      durationMinutes: 240,
      justification: 'Rotate the SAML certificate, INC-4821',
    })
    .expect(201);
  const local = await joins(rollcall, owner, {
    email: 'alan@halden.example',
    name: 'Alan Turing',
    role: 'train',
  });
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await owner.post('/auth/login', { email: local.email, password: `wrong ${attempt}` });
  }
  const { body: pilot } = await owner
    .post('/groups', { name: 'Invoice pilot', description: 'Who tries the invoice agent', role: 'train' })
    .expect(201);
  await owner.post(`/groups/${pilot.id}/members`, { userIds: [manager.id, local.id] }).expect(200);
  const { body: sso } = await owner
    .post('/sso/connections', { name: 'Entra ID · staff', protocol: 'saml', provider: 'entra' })
    .expect(201);
  await owner
    .put(`/sso/connections/${sso.id}/domains`, { domains: [{ domain: 'halden.example' }] })
    .expect(200);
  const { webhook } = (
    await owner
      .post('/webhooks', {
        url: 'https://hooks.halden.example/rollcall',
        events: ['user.created', 'user.role_changed'],
      })
      .expect(201)
  ).body;
  const { body: review } = await owner
    .post('/reviews', { title: 'Q4 access review', reviewers: { rule: 'owners' }, daysUntilDue: 5 })
    .expect(202);
  await reportActivity(rollcall, owner, people);
  await rollcall.rollcall.writeProvisioningLog();
  await rollcall.rollcall.runDueJobsOnce();
  await rollcall.rollcall.watchForAlerts();
  await rollcall.rollcall.tendReviews();
  await rollcall.rollcall.sealEvents();
  return {
    person: people[3] as string,
    group: pilot.id,
    scim: organization.connection,
    sso: sso.id,
    review: review.id,
    webhook: webhook.id,
  };
}

/** What a directory pushes: people, groups, and a request that fails. */
async function provision({ scim }: TestOrganization): Promise<string[]> {
  const ids: string[] = [];
  for (const [at, displayName] of PEOPLE.entries()) {
    const [givenName = displayName, ...rest] = displayName.split(' ');
    const userName = `person${at}@halden.example`;
    const { body } = await scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      displayName,
      externalId: `00u${at}`,
      name: { givenName, familyName: rest.join(' ') || givenName },
      emails: [{ value: userName, primary: true }],
      title: ['Engineer', 'Support agent', 'Sales lead'][at % 3],
      active: at % 11 !== 10,
    }).expect(201);
    ids.push(body.id);
  }
  for (const [at, displayName] of GROUPS.entries()) {
    await scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName,
      externalId: `g${at}`,
      members: ids.filter((_, person) => person % GROUPS.length === at).map((value) => ({ value })),
    }).expect(201);
  }
  await scim('GET', '/Users?filter=userName%20xx%20%22nobody%22').expect(400);
  return ids;
}

async function reportActivity(
  rollcall: TestRollcall,
  owner: TestUser,
  people: readonly string[],
): Promise<void> {
  const { body: key } = await owner
    .post('/me/api-keys', { name: 'Agent platform', scopes: ['activity:report'] })
    .expect(201);
  const events = Array.from({ length: 400 }, (_, at) => ({
    id: randomUUID(),
    type: 'query',
    userId: people[at % 8],
    // More by day than by night, for a week.
    at: new Date(Date.now() - ((at * 41) % 168) * HOUR_MS - (at % 60) * 60_000).toISOString(),
    agent: AGENTS[at % AGENTS.length],
    responseMs: 600 + ((at * 97) % 2_400),
  }));
  const answer = await fetch(`${new URL(rollcall.base).origin}/api/v1/activity/events`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  if (answer.status !== 202) throw new Error(`Activity: ${answer.status} ${await answer.text()}`);
}
