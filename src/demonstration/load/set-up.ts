import type { Origin } from '../../directory/actor.ts';
import type { ConnectionId, UserId } from '../../directory/ids.ts';
import { DAY_MS } from '../../platform/time.ts';
import { listScimTokens, recordTokenUse } from '../../provisioning/store/tokens.ts';
import { domainTarget } from '../../sso/events.ts';
import { recordDomainFound } from '../../sso/store/domains.ts';
import { recordTested } from '../../sso/store/traces.ts';
import { DOMAIN } from '../rules/people.ts';
import { insertDelivered, noteKeysUsed } from '../store/lifelike.ts';
import { type Cast, groupOf, userOf } from './cast.ts';
import { type Api, type Provider, providerOf, type World } from './world.ts';

/** API keys of the owner. */
export const OWN_KEYS = ['Reports for the works council', 'Test of the new intranet'] as const;

export async function connectEntra(world: World, api: Api): Promise<Provider> {
  const { id } = await api.send('POST', '/scim/connections', { name: 'Microsoft Entra ID (laboratory)' });
  // It ends some days after the demonstration was loaded: there is something to renew.
  const expiresAt = new Date(world.clock.end.getTime() + 6 * DAY_MS).toISOString();
  await api.send('POST', `/scim/connections/${id}/tokens`, { expiresAt });
  return providerOf(world, id as ConnectionId, 'Mozilla/5.0 (compatible; Microsoft Entra provisioning)');
}

/** What groups may do, and who looks after them. */
export async function setUpAccess(
  api: Api,
  cast: Cast,
  invited: { readonly support: UserId },
): Promise<void> {
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
export async function setUpPrograms(
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
  ];
  // Made for a test and forgotten: the review finds it.
  await sunniva.send('POST', '/me/api-keys', {
    name: OWN_KEYS[1],
    scopes: ['users:read'],
    expiresAt: inDays(60),
  });
  const reporter = world.asProgram(assistant.id, keys[0] as string, ['activity:report']);
  return { sources, keys, assistant: reporter };
}

export async function setUpSingleSignOn(world: World, api: Api, okta: ConnectionId): Promise<ConnectionId> {
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
  await verifyDomain(world, id);
  await recordTested(db, org, id, clock.now().toISOString(), clock.now().toISOString());
  await api.send('POST', `/sso/connections/${id}/activate`);
  return id;
}

/** The domain is verified in the demonstration alone: no one is sent to its provider, and the domain stays free. */
function verifyDomain({ past, org }: World, member: ConnectionId): Promise<void> {
  const origin: Origin = {
    actor: { type: 'system', id: 'worker', via: 'schedule' },
    requestId: 'demonstration',
  };
  return past.runner.withOrganization(org, origin, async ({ tx, at, recordEvent }) => {
    await recordDomainFound(tx, org, DOMAIN, at);
    const changes = { values: { domain: [null, DOMAIN] as const } };
    recordEvent({ action: 'sso_domain.verified', target: domainTarget(org, DOMAIN), member, changes });
  });
}

interface Receivers {
  readonly hooks: readonly { readonly id: string; readonly events: readonly string[] }[];
  readonly streams: readonly string[];
}

export async function setUpReceivers(api: Api): Promise<Receivers> {
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

export async function templates(api: Api, cast: Cast): Promise<void> {
  await api.send('PUT', '/job-functions', [
    { name: 'Calibration technician', role: 'readonly', groups: [groupOf(cast, 'Pilot users')] },
    { name: 'Support specialist', role: 'train', groups: [groupOf(cast, 'Pilot users')] },
  ]);
}

/** Tokens and keys have been used, though no request came over the network. */
export async function noteUses(
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

export async function recordDeliveries({ db, org, clock }: World, { hooks }: Receivers): Promise<void> {
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
