import { feedIsCurrent, startFeed } from '../../audit/feed.ts';
import type { ConnectionId, UserId } from '../../directory/ids.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { DAY_MS, HOUR_MS } from '../../platform/time.ts';
import { listScimTokens, recordTokenUse } from '../../provisioning/store/tokens.ts';
import { recordTested } from '../../sso/store/traces.ts';
import {
  DEPARTMENTS,
  DOMAIN,
  INVITED,
  type MadeUpPerson,
  OWNER,
  peopleOfEntra,
  peopleOfOkta,
} from '../rules/people.ts';
import { insertDelivered, noteKeysUsed } from '../store/lifelike.ts';
import { createActivity } from './activity.ts';
import { createSignIns, type SignIns } from './sign-ins.ts';
import { type Api, clientAt, DAYS, OFFICE, type Provider, providerOf, type World } from './world.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const STRANGER = '203.0.113.66';
/** Of the owner. */
const OWN_KEYS = ['Reports for the works council', 'Test of the new intranet'] as const;
/** How long the feed is waited for: what is not in it then is seen the next day. */
const FEED_MS = 2_000;

export interface Beginning {
  readonly owner: UserId;
  /** The SCIM connection that the organization was made with. */
  readonly okta: ConnectionId;
}

type Invitee = keyof typeof INVITED;

/** What the month knows of the people, by their addresses. */
interface Cast {
  readonly users: ReadonlyMap<string, UserId>;
  readonly groups: ReadonlyMap<string, string>;
}

/**
 * Plays the month.
 * @param reached called with how much is done, in percent; it throws to stop
 */
export async function playMonth(
  world: World,
  { owner, okta: oktaId }: Beginning,
  reached: (percent: number) => Promise<void>,
): Promise<void> {
  const { clock, past, org, db, signal } = world;
  const sunniva = world.as(owner);
  const okta = providerOf(world, oktaId, 'Okta SCIM Client 1.0.0');
  const invited = await inviteColleagues(world, sunniva);
  await reached(3);

  clock.moveTo(0, 10);
  await pushPeople(okta, peopleOfOkta, oktaUser);
  await reached(10);
  const entra = await connectEntra(world, sunniva);
  clock.moveTo(1, 7);
  await pushPeople(entra, peopleOfEntra, entraUser);
  let cast = await lookAround(sunniva);
  await pushGroups(okta, entra, cast);
  cast = await lookAround(sunniva);
  await reached(16);

  clock.moveTo(1, 9);
  const marta = world.as(invited.admin);
  await setUpAccess(sunniva, cast, invited);
  cast = await lookAround(sunniva);
  const programs = await setUpPrograms(world, sunniva, invited);
  const sso = await setUpSingleSignOn(world, sunniva, oktaId);
  const webhooks = await setUpReceivers(sunniva);
  await reached(20);

  const quiet = new Set(['viktor.nilsson', 'irina.petrova', 'tendai.moyo', 'yael.bendavid', 'hugo.martins']);
  const askers = [...peopleOfOkta, ...peopleOfEntra]
    .filter(({ email }) => !quiet.has(email.split('@')[0] as string))
    .flatMap(({ email }) => cast.users.get(email) ?? []);
  const signIns = createSignIns(world, sso);
  const activity = createActivity(world, programs.assistant, programs.sources);
  const month = new Map<number, () => Promise<unknown>>([
    [3, () => templates(sunniva, cast)],
    [5, () => inviteContractor(sunniva, cast)],
    [6, () => onCall(world, marta, cast)],
    [8, () => changesOfOkta(world, okta, cast)],
    [9, () => failingRequests(world, okta, entra, cast)],
    [11, () => leavers(world, okta, sunniva, cast)],
    [15, () => rejectedRequest(world, marta, cast)],
    [18, () => massChange(world, okta, cast)],
    [21, () => promotions(world, sunniva, cast)],
    [22, () => inviteAuditor(world, sunniva, signIns)],
    [24, () => review(world, sunniva, marta)],
    [4, () => closedReview(world, sunniva, cast)],
    [25, () => leftForAnotherTeam(world, okta, sunniva, cast)],
    [26, () => breakIn(world, signIns, cast, invited)],
    [28, () => lateInvitation(sunniva, cast)],
  ]);
  for (let day = 2; day < DAYS; day += 1) {
    clock.moveTo(day, 8);
    await peopleSignIn(world, signIns, cast, { ...invited, owner }, day);
    await polling(world, okta, entra);
    clock.moveTo(day, 13);
    await month.get(day)?.();
    clock.moveTo(day, 21);
    if (day === 27) await activity.unusuallyMany(userOf(cast, 'thandiwe.dlamini'));
    clock.moveTo(day, 22);
    await activity.ofDay(askers, day);
    await past.flushLog();
    await feedIsCurrent(db, FEED_MS);
    await past.expireElevations(org);
    await past.watch(org, signal);
    await past.sealEvents(org, signal);
    await reached(20 + Math.round(((day - 1) / (DAYS - 2)) * 74));
  }

  await today(world, { sunniva, marta, okta, entra }, cast);
  await activity.ofDay(askers, DAYS);
  await decideAlerts(sunniva);
  await noteUses(world, [oktaId, entra.connection], programs.keys);
  await recordDeliveries(world, webhooks);
  await past.flushLog();
  await feedIsCurrent(db, FEED_MS);
  await past.watch(org, signal);
  await past.sealEvents(org, signal);
  for (const consumer of ['webhooks', ...webhooks.streams.map((id) => `stream:${id}` as const)] as const) {
    await startFeed(db, org, consumer);
  }
  await reached(99);
}

const addressOf = (name: string): string => `${name}@${DOMAIN}`;

function userOf({ users }: Cast, name: string): UserId {
  const found = users.get(addressOf(name));
  if (found === undefined) throw new Error(`The demonstration lacks ${name}.`);
  return found;
}

function groupOf({ groups }: Cast, name: string): string {
  const found = groups.get(name);
  if (found === undefined) throw new Error(`The demonstration lacks the group ${name}.`);
  return found;
}

/** Who is there now, by their addresses. */
async function lookAround(api: Api): Promise<Cast> {
  type Page = { data: { id: UserId; email: string; name: string }[]; nextCursor: string | null };
  const all = async (path: string) => {
    const found: Page['data'] = [];
    for (let cursor = ''; ; ) {
      const page = await api.get<Page>(`${path}?limit=100${cursor}`);
      found.push(...page.data);
      if (page.nextCursor === null) return found;
      cursor = `&cursor=${page.nextCursor}`;
    }
  };
  return {
    users: new Map((await all('/users')).map(({ email, id }) => [email, id])),
    groups: new Map((await all('/groups')).map(({ name, id }) => [name, id])),
  };
}

async function joinOf(world: World, api: Api, who: Invitee, body: object): Promise<UserId> {
  const [given, family, address] = INVITED[who];
  const { clock, past } = world;
  await api.send('POST', '/invitations', { email: addressOf(address), name: `${given} ${family}`, ...body });
  clock.pass(1_800);
  const password = uuidv7(clock.now().getTime()) + uuidv7(clock.now().getTime());
  await past.call(undefined, 'POST', `/invite/${past.lastInvitation()}/accept`, {
    name: `${given} ${family}`,
    password,
  });
  const { users } = await lookAround(api);
  return users.get(addressOf(address)) as UserId;
}

/** Those whom no directory knows; they have a password. */
async function inviteColleagues(world: World, api: Api) {
  return {
    admin: await joinOf(world, api, 'admin', { role: 'admin', reason: 'Runs the directory with me.' }),
    secondAdmin: await joinOf(world, api, 'secondAdmin', {
      role: 'admin',
      reason: 'Stands in while one of us is away.',
    }),
    support: await joinOf(world, api, 'support', { role: 'configure' }),
    locked: await joinOf(world, api, 'locked', { role: 'train' }),
  };
}

const oktaUser = ({ given, family, email, department, title }: MadeUpPerson, at: number): object => ({
  schemas: [USER, ENTERPRISE],
  userName: email,
  name: { givenName: given, familyName: family },
  emails: [{ primary: true, value: email, type: 'work' }],
  displayName: `${given} ${family}`,
  title,
  locale: 'en-US',
  externalId: `00u${(1_000 + at).toString(36)}hald5d7`,
  groups: [],
  active: true,
  [ENTERPRISE]: { department, employeeNumber: String(4_100 + at) },
});

const entraUser = ({ given, family, email, department, title }: MadeUpPerson, at: number): object => ({
  schemas: [USER, ENTERPRISE],
  externalId: `b4f0${(4_096 + at).toString(16)}-lab`,
  userName: email,
  active: true,
  displayName: `${given} ${family}`,
  title,
  emails: [{ primary: true, type: 'work', value: email }],
  meta: { resourceType: 'User' },
  name: { formatted: `${given} ${family}`, familyName: family, givenName: given },
  [ENTERPRISE]: { department, employeeNumber: String(7_200 + at) },
});

async function pushPeople(
  provider: Provider,
  people: readonly MadeUpPerson[],
  toUser: (person: MadeUpPerson, at: number) => object,
): Promise<void> {
  await provider.send('GET', '/Users', undefined, 'startIndex=1&count=2');
  for (const [at, person] of people.entries()) {
    await provider.send('GET', '/Users', undefined, `filter=userName eq "${person.email}"`);
    const status = await provider.send('POST', '/Users', toUser(person, at));
    if (status !== 201) throw new Error(`${person.email} was not created: ${status}.`);
  }
}

async function connectEntra(world: World, api: Api): Promise<Provider> {
  const { id } = await api.send('POST', '/scim/connections', { name: 'Microsoft Entra ID (laboratory)' });
  // It ends some days after the demonstration was loaded: there is something to renew.
  const expiresAt = new Date(world.clock.end.getTime() + 6 * DAY_MS).toISOString();
  await api.send('POST', `/scim/connections/${id}/tokens`, { expiresAt });
  return providerOf(world, id as ConnectionId, 'Mozilla/5.0 (compatible; Microsoft Entra provisioning)');
}

/** A group for each department, filled by Okta; the laboratory by Entra ID. */
async function pushGroups(okta: Provider, entra: Provider, cast: Cast): Promise<void> {
  const push = async (provider: Provider, name: string, people: readonly MadeUpPerson[]) => {
    const members = people.map(({ email }) => ({ value: cast.users.get(email) }));
    await provider.send('GET', '/Groups', undefined, `filter=displayName eq "${name}"`);
    await provider.send('POST', '/Groups', { schemas: [GROUP], displayName: name, members });
  };
  for (const department of DEPARTMENTS.filter((each) => each !== 'Laboratory')) {
    await push(
      okta,
      department,
      peopleOfOkta.filter((person) => person.department === department),
    );
  }
  await push(entra, 'Laboratory', peopleOfEntra);
  await push(
    okta,
    'Field service',
    peopleOfOkta.filter((_, at) => at % 7 === 3),
  );
}

/** What groups may do, and who looks after them. */
async function setUpAccess(api: Api, cast: Cast, invited: { readonly support: UserId }): Promise<void> {
  const role = (name: string, given: string, description: string) =>
    api.send('PATCH', `/groups/${groupOf(cast, name)}`, { role: given, description });
  await role('Engineering', 'train', 'Builds the instruments and their software.');
  await role('Customer support', 'train', 'Answers customers, and corrects the answers of agents.');
  await api.send('PATCH', `/groups/${groupOf(cast, 'Laboratory')}`, {
    description: 'Calibrates and certifies instruments.',
  });
  const { id: pilots } = await api.send('POST', '/groups', {
    name: 'Pilot users',
    description: 'Tries what is new before everybody gets it.',
    role: 'configure',
  });
  const pilotNames = [
    'jonas.lindqvist',
    'priya.raghunathan',
    'khai.nguyen',
    'layla.haddad',
    'clara.hoffmann',
  ];
  await api.send('POST', `/groups/${pilots}/members`, {
    userIds: pilotNames.map((name) => userOf(cast, name)),
  });
  await api.send('PATCH', `/groups/${pilots}/members/${userOf(cast, 'jonas.lindqvist')}`, {
    inGroupRole: 'manager',
  });
  await api.send('POST', `/groups/${pilots}/members`, { userIds: [invited.support], inGroupRole: 'manager' });
}

/** Agents, sources of data, and the programs that use the API. */
async function setUpPrograms(
  world: World,
  sunniva: Api,
  invited: { readonly admin: UserId; readonly support: UserId },
) {
  const { clock } = world;
  const resource = async (type: string, name: string, tags: readonly string[]) => {
    await sunniva.send('POST', '/resources', { type, name, tags, ownerId: invited.support });
    return name;
  };
  await resource('agent', 'Support agent', ['support']);
  await resource('agent', 'Calibration assistant', ['laboratory']);
  await resource('agent', 'Quote writer', ['sales']);
  const sources = [
    await resource('data_source', 'Service manuals', ['support', 'public']),
    await resource('data_source', 'Calibration records', ['laboratory', 'confidential']),
    await resource('data_source', 'Price list', ['sales']),
  ];
  const assistant = await sunniva.send('POST', '/service-accounts', {
    name: 'Assistant platform',
    description: 'Reports what people ask the agents.',
    role: 'admin',
    ownerId: invited.admin,
  });
  const nightly = await sunniva.send('POST', '/service-accounts', {
    name: 'Payroll export',
    description: 'Reads the directory every night for payroll.',
    role: 'admin',
    ownerId: invited.admin,
  });
  const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY_MS).toISOString();
  const keyOf = async (account: string, body: object) =>
    (await sunniva.send('POST', `/service-accounts/${account}/api-keys`, body)).id;
  const keys = [
    await keyOf(assistant.id, {
      name: 'Production',
      scopes: ['activity:report', 'users:read'],
      expiresAt: inDays(180),
    }),
    await keyOf(nightly.id, { name: 'Nightly', scopes: ['users:read'], expiresAt: inDays(37) }),
    (
      await sunniva.send('POST', '/me/api-keys', {
        name: OWN_KEYS[0],
        scopes: ['users:read', 'audit:read'],
        expiresAt: inDays(90),
      })
    ).id,
    (
      await sunniva.send('POST', '/me/api-keys', {
        name: OWN_KEYS[1],
        scopes: ['users:read'],
        expiresAt: inDays(60),
      })
    ).id,
  ];
  const reporter = world.asProgram(assistant.id, keys[0] as string, ['activity:report']);
  return { sources, keys, assistant: reporter };
}

async function setUpSingleSignOn(world: World, api: Api, okta: ConnectionId): Promise<ConnectionId> {
  const { past, clock, db, org } = world;
  const certificate = (await past.makeCertificate()).replaceAll(/-----[A-Z ]+-----|\s/g, '');
  const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
  const at = `https://halden.okta.example/app/exk1rollcall`;
  const metadataXml = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="http://www.okta.example/exk1rollcall"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="${redirect}" Location="${at}/sso/saml"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
  const made = await api.send<{ id?: string; connection?: { id: string } }>('POST', '/sso/connections', {
    name: 'Okta',
    provider: 'okta',
    protocol: 'saml',
    connectionId: okta,
    metadataXml,
  });
  const id = (made.id ?? made.connection?.id) as ConnectionId;
  await api.send('PUT', `/sso/connections/${id}/domains`, { domains: [{ domain: DOMAIN, enforced: false }] });
  clock.pass(600);
  await recordTested(db, org, id, clock.now().toISOString(), clock.now().toISOString());
  await api.send('POST', `/sso/connections/${id}/activate`);
  return id;
}

interface Receivers {
  readonly hooks: readonly { readonly id: string; readonly events: readonly string[] }[];
  readonly streams: readonly string[];
}

async function setUpReceivers(api: Api): Promise<Receivers> {
  const hook = async (url: string, events: readonly string[]) => {
    type Made = { readonly webhook: { readonly id: string } };
    const { webhook } = await api.send<Made>('POST', '/webhooks', { url, events });
    return { id: webhook.id, events };
  };
  const hooks = [
    await hook(`https://hooks.${DOMAIN}/directory`, [
      'user.created',
      'user.deactivated',
      'user.role_changed',
      'group.member_added',
    ]),
    await hook(`https://tickets.${DOMAIN}/rollcall`, ['alert.opened', 'elevation.requested', 'user.locked']),
  ];
  const { id } = await api.send('POST', '/audit/streams', {
    name: 'SIEM',
    host: `siem.${DOMAIN}`,
    port: 6_514,
  });
  return { hooks, streams: [id] };
}

async function templates(api: Api, cast: Cast): Promise<void> {
  await api.send('PUT', '/job-functions', [
    { name: 'Calibration technician', role: 'readonly', groups: [groupOf(cast, 'Pilot users')] },
    { name: 'Support specialist', role: 'train', groups: [groupOf(cast, 'Pilot users')] },
  ]);
}

/** An invitation that nobody accepts: it expires after seven days. */
async function inviteContractor(api: Api, cast: Cast): Promise<void> {
  const [given, family, address] = INVITED.contractor;
  await api.send('POST', '/invitations', {
    email: addressOf(address),
    name: `${given} ${family}`,
    role: 'readonly',
    groups: [groupOf(cast, 'Pilot users')],
  });
}

async function lateInvitation(api: Api, cast: Cast): Promise<void> {
  await api.send('POST', '/invitations', {
    email: addressOf('esther.lumumba'),
    name: 'Esther Lumumba',
    role: 'train',
    groups: [groupOf(cast, 'Pilot users')],
  });
}

/** Twice a week someone is on call, and has more rights for some hours. */
async function onCall({ clock }: World, api: Api, cast: Cast): Promise<void> {
  for (const [name, ticket] of [
    ['jonas.lindqvist', 'OPS-412'],
    ['priya.raghunathan', 'OPS-419'],
  ] as const) {
    await api.send('POST', `/users/${userOf(cast, name)}/elevations`, {
      role: 'admin',
      durationMinutes: 240,
      justification: 'On call this evening.',
      ticket,
    });
    clock.pass(900);
  }
}

async function requestOf(world: World, cast: Cast, name: string, body: object): Promise<string> {
  const api = world.as(userOf(cast, name));
  return (await api.send('POST', '/me/elevations', body)).id;
}

async function rejectedRequest(world: World, marta: Api, cast: Cast): Promise<void> {
  const id = await requestOf(world, cast, 'rohan.deshpande', {
    role: 'admin',
    durationMinutes: 1_440,
    justification: 'I would like to look at the settings.',
  });
  world.clock.pass(1_200);
  await marta.send('POST', `/elevations/${id}/reject`, {
    reason: 'To look at the settings, configure is enough: ask for that.',
  });
}

/** Titles change, and some people move. */
async function changesOfOkta({ clock }: World, okta: Provider, cast: Cast): Promise<void> {
  const patch = (path: string, ...Operations: readonly object[]) =>
    okta.send('PATCH', path, { schemas: [PATCH], Operations });
  for (const [name, title] of [
    ['kwame.boateng', 'Senior accountant'],
    ['ana.kovac', 'Principal engineer'],
    ['maria.vasconcelos', 'Head of people'],
    ['hiroshi.tanaka', 'Staff engineer'],
  ] as const) {
    await patch(`/Users/${userOf(cast, name)}`, { op: 'replace', value: { title } });
    clock.pass(40);
  }
  const [from, to] = [groupOf(cast, 'Sales'), groupOf(cast, 'Customer support')];
  const moved = userOf(cast, 'agnieszka.wisniewska');
  await patch(`/Groups/${from}`, { op: 'remove', path: `members[value eq "${moved}"]` });
  await patch(`/Groups/${to}`, { op: 'add', path: 'members', value: [{ value: moved }] });
}

/** What identity providers get wrong. */
async function failingRequests({ clock }: World, okta: Provider, entra: Provider, cast: Cast): Promise<void> {
  const [first] = peopleOfOkta;
  await okta.send('POST', '/Users', oktaUser(first as MadeUpPerson, 0));
  clock.pass(300);
  await okta.send('PATCH', '/Users/0199c0de-0000-7000-8000-000000000001', {
    schemas: [PATCH],
    Operations: [{ op: 'replace', value: { active: false } }],
  });
  await okta.send('GET', '/Users', undefined, 'filter=title like "%engineer"');
  clock.pass(700);
  await entra.send('POST', '/Users', {
    schemas: [USER],
    externalId: 'lab-printer',
    displayName: 'Label printer',
    active: true,
  });
  await entra.send('PATCH', `/Groups/${groupOf(cast, 'Laboratory')}`, {
    schemas: [PATCH],
    Operations: [{ op: 'add', path: 'members', value: [{ value: '0199c0de-0000-7000-8000-000000000002' }] }],
  });
}

/** Each provider asks every day whether all is as it was. */
async function polling({ random }: World, okta: Provider, entra: Provider): Promise<void> {
  for (const [provider, people] of [
    [okta, peopleOfOkta],
    [entra, peopleOfEntra],
  ] as const) {
    for (let n = 0; n < 2; n += 1) {
      const person = people[Math.floor(random() * people.length)] as MadeUpPerson;
      await provider.send('GET', '/Users', undefined, `filter=userName eq "${person.email}"`);
    }
  }
}

async function leavers({ clock }: World, okta: Provider, sunniva: Api, cast: Cast): Promise<void> {
  const deactivation = { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] };
  await okta.send('PATCH', `/Users/${userOf(cast, 'viktor.nilsson')}`, deactivation);
  clock.pass(3_600);
  await sunniva.send('POST', `/users/${userOf(cast, 'irina.petrova')}/deactivate?force=true`, {
    reason: 'Left the laboratory; Entra ID has not been told yet.',
  });
}

/** Passwords are tried on several people; one account locks, and one password fits: a key follows. */
async function breakIn(
  world: World,
  signIns: SignIns,
  cast: Cast,
  {
    admin,
    secondAdmin,
    support,
    locked,
  }: Readonly<Record<'admin' | 'secondAdmin' | 'support' | 'locked', UserId>>,
): Promise<void> {
  const stranger = clientAt(STRANGER, 2);
  const others = ['ana.kovac', 'omar.farouk', 'luca.bianchi'].map((name) => userOf(cast, name));
  for (let round = 0; round < 2; round += 1) {
    for (const user of [admin, secondAdmin, support, locked, ...others]) await signIns.fail(user, stranger);
  }
  for (let more = 0; more < 8; more += 1) await signIns.fail(locked, stranger);
  await signIns.withPassword(support, stranger);
  world.clock.pass(240);
  await world.as(support).send('POST', '/me/api-keys', { name: 'backup', scopes: ['users:read'] });
}

/** A wrong filter in Okta takes access from many at once, and gives it back. */
async function massChange({ clock }: World, okta: Provider, cast: Cast): Promise<void> {
  const support = peopleOfOkta.filter(({ department }) => department === 'Customer support');
  const engineers = peopleOfOkta.filter(({ department }) => department === 'Engineering').slice(0, 6);
  const hit = [...support, ...engineers].flatMap(({ email }) => cast.users.get(email) ?? []);
  const setActive = async (active: boolean) => {
    for (const user of hit) {
      await okta.send('PATCH', `/Users/${user}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', value: { active } }],
      });
    }
  };
  await setActive(false);
  clock.pass(1_500);
  await setActive(true);
}

async function promotions({ clock }: World, api: Api, cast: Cast): Promise<void> {
  const give = async (name: string, role: string, more: object = {}) => {
    const user = userOf(cast, name);
    const { impactToken } = await api.get<{ impactToken: string }>(`/users/${user}/role-impact?role=${role}`);
    await api.send('PUT', `/users/${user}/role`, { role, impactToken, ...more });
    clock.pass(300);
  };
  await give('dagmar.reinholt', 'configure');
  await give('sigridur.jonsdottir', 'train');
  await give('georgios.papadopoulos', 'admin', { reason: 'Looks after the directory of the support team.' });
  await give('luca.bianchi', 'configure');
}

/** An auditor joins from outside, and looks at the audit trail. */
async function inviteAuditor(world: World, api: Api, signIns: SignIns): Promise<void> {
  const auditor = await joinOf(world, api, 'auditor', { role: 'readonly' });
  world.clock.pass(600);
  await signIns.withPassword(auditor, clientAt('192.0.2.44', 1));
}

async function leftForAnotherTeam({ clock }: World, okta: Provider, sunniva: Api, cast: Cast): Promise<void> {
  await okta.send('PATCH', `/Groups/${groupOf(cast, 'People')}`, {
    schemas: [PATCH],
    Operations: [{ op: 'remove', path: `members[value eq "${userOf(cast, 'aino.virtanen')}"]` }],
  });
  clock.pass(900);
  await sunniva.send('POST', `/users/${userOf(cast, 'tendai.moyo')}/deactivate?force=true`, {
    reason: 'On leave until spring.',
  });
}

interface ReviewItem {
  readonly id: string;
  readonly subject: { readonly email: string | null; readonly name: string | null };
}

/** The review of a group, which is closed. */
async function closedReview(world: World, sunniva: Api, cast: Cast): Promise<void> {
  const { past, org, signal, clock } = world;
  const { id } = await sunniva.send('POST', '/reviews', {
    title: 'Field service',
    scope: { users: true, groups: [groupOf(cast, 'Field service')] },
    reviewers: { rule: 'owners' },
    daysUntilDue: 7,
  });
  await past.openReview(org, id, signal);
  clock.pass(1_800);
  const { data } = await sunniva.get<{ data: ReviewItem[] }>(`/reviews/${id}/items?limit=100`);
  for (const item of data) {
    clock.pass(45);
    await sunniva.send('PUT', `/reviews/${id}/items/${item.id}`, {
      decision: 'keep',
      note: 'Visits customers.',
    });
  }
  await sunniva.send('POST', `/reviews/${id}/close`);
}

/** A review of everyone with more than readonly, half decided. */
async function review(world: World, sunniva: Api, marta: Api): Promise<void> {
  const { past, org, signal, clock } = world;
  const { id } = await sunniva.send('POST', '/reviews', {
    title: 'Access of the fourth quarter',
    scope: { users: true, privileged: true, programs: true },
    reviewers: { rule: 'owners' },
    daysUntilDue: 14,
    inactiveDays: 20,
  });
  await past.openReview(org, id, signal);
  clock.pass(3_600);
  const { data } = await sunniva.get<{ data: ReviewItem[] }>(`/reviews/${id}/items?limit=100`);
  const keyOf = ({ subject: { email, name } }: ReviewItem) => email ?? name ?? '';
  const sorted = [...data].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  const demoted = addressOf('luca.bianchi');
  for (const [at, item] of sorted.entries()) {
    const key = keyOf(item);
    if (at % 2 === 1 && key !== demoted) continue;
    // Nobody decides about themselves and their own keys.
    const api = key === OWNER.email || OWN_KEYS.some((name) => name === key) ? marta : sunniva;
    const words =
      key === demoted
        ? { decision: 'change_role', role: 'readonly', note: 'Has not needed more for weeks.' }
        : { decision: 'keep', note: 'Needed for the work on call.' };
    await api.send('PUT', `/reviews/${id}/items/${item.id}`, words);
    clock.pass(60);
  }
}

/** Who signs in on a day: nobody on most weekends, some every day, everyone now and then. */
async function peopleSignIn(
  { random, clock }: World,
  signIns: SignIns,
  { users }: Cast,
  invited: Readonly<Record<'owner' | 'admin' | 'secondAdmin' | 'support' | 'locked', UserId>>,
  day: number,
): Promise<void> {
  const isWeekend = clock.weekday() % 6 === 0;
  // The last two people of the list never come: someone has to be reminded.
  const everyone = [...peopleOfOkta, ...peopleOfEntra.slice(0, -2)];
  for (const [at, { email }] of everyone.entries()) {
    const share = isWeekend ? 0.01 : at % 9 === 0 ? 0.5 : 0.1;
    const isFirst = !signIns.hasBeenSeen(users.get(email) as UserId) && day >= 2 + (at % 5) && !isWeekend;
    if (random() > share && !isFirst) continue;
    const user = users.get(email) as UserId;
    // Each from the office or from home, always on the same machine.
    const ip = at % 4 === 0 ? `198.51.100.${40 + (at % 60)}` : at % 3 === 0 ? `192.0.2.${20 + at}` : OFFICE;
    clock.pass(60 + 600 * random());
    await signIns.withProvider(user, email, clientAt(ip, at));
  }
  if (isWeekend) return;
  await signIns.withPassword(invited.owner, clientAt(OFFICE, 1));
  clock.pass(700);
  await signIns.withPassword(invited.admin, clientAt(OFFICE, 1));
  await signIns.withPassword(invited.support, clientAt(OFFICE, 0));
  clock.pass(400);
  if (day % 3 === 0) await signIns.withPassword(invited.secondAdmin, clientAt(OFFICE, 2));
  if (day % 3 === 1 && day < 26) await signIns.withPassword(invited.locked, clientAt(OFFICE, 0));
  if (day % 6 === 5) await signIns.refuse('The assertion expired 34 seconds ago.');
}

/** The last hours: what waits for someone. */
async function today(
  world: World,
  {
    sunniva,
    marta,
    okta,
    entra,
  }: Readonly<Record<'sunniva' | 'marta', Api> & Record<'okta' | 'entra', Provider>>,
  cast: Cast,
): Promise<void> {
  const { clock } = world;
  clock.pass((clock.end.getTime() - 3 * HOUR_MS - clock.now().getTime()) / 1_000);
  await okta.send('GET', '/Users', undefined, 'startIndex=1&count=100');
  await polling(world, okta, entra);
  await okta.send('PATCH', `/Users/${userOf(cast, 'lucia.fernandez')}`, {
    schemas: [PATCH],
    Operations: [{ op: 'replace', value: { title: 'Head of field service' } }],
  });
  await polling(world, okta, entra);
  await okta.send('POST', '/Users', oktaUser(peopleOfOkta[1] as MadeUpPerson, 1));
  await polling(world, okta, entra);
  await marta.send('POST', `/users/${userOf(cast, 'khai.nguyen')}/elevations`, {
    role: 'admin',
    durationMinutes: 720,
    justification: 'Moves the calibration records to the new storage.',
    ticket: 'OPS-448',
  });
  clock.pass(2_400);
  await requestOf(world, cast, 'clara.hoffmann', {
    role: 'admin',
    durationMinutes: 240,
    justification: 'The certificate of the laboratory has to be renewed today.',
    ticket: 'LAB-77',
  });
  clock.pass(1_200);
  await sunniva.get('/users?limit=1');
}

/** Some alerts are decided, those of the last days are open. */
async function decideAlerts(api: Api): Promise<void> {
  type Alerts = { data: { id: string; kind: string; state: string }[] };
  const { data } = await api.get<Alerts>('/alerts?limit=100&state=open');
  const decide = (id: string, state: string, note: string) =>
    api.send('PATCH', `/alerts/${id}`, { state, note });
  const seen = new Map<string, number>();
  for (const { id, kind } of data) {
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    if (kind === 'mass_change') {
      await decide(id, 'resolved', 'A wrong filter in Okta, corrected within half an hour.');
    } else if (kind === 'new_location' && before > 1) {
      await decide(id, 'false_positive', 'Works from home.');
    } else if (kind === 'password_spraying' && before === 0) {
      await decide(
        id,
        'acknowledged',
        'The address is blocked at the firewall; the locked account stays locked.',
      );
    }
  }
}

/** Tokens and keys have been used, though no request came over the network. */
async function noteUses(
  { db, org, clock }: World,
  connections: readonly ConnectionId[],
  keys: readonly string[],
): Promise<void> {
  for (const connection of connections) {
    const tokens = await listScimTokens(db, org, connection, { after: undefined, limit: 10 });
    for (const { id } of tokens) recordTokenUse(db, org, id, clock.now());
  }
  await noteKeysUsed(db, org, keys, new Date(clock.now().getTime() - 7_200_000).toISOString());
}

async function recordDeliveries({ db, org, clock }: World, { hooks }: Receivers): Promise<void> {
  const daysAgo = (days: number) => new Date(clock.now().getTime() - days * DAY_MS).toISOString();
  for (const [at, { id, events }] of hooks.entries()) {
    await insertDelivered(db, org, id, {
      actions: events,
      every: at === 0 ? 45 : 3,
      failedBefore: daysAgo(4),
      since: daysAgo(28),
    });
  }
}
