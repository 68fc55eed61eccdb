import { randomBytes } from 'node:crypto';
import request from 'supertest';
import type { EntityKind } from '../../src/rest/route.ts';
import { joins, PASSWORD, type TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, type TestRollcall } from '../support/rollcall.ts';

/** What a route needs beside its path to get as far as the command; a new route that needs something fails without. */
export interface Example {
  readonly query?: string;
  readonly body?: object;
}

const nobody = '01890000-0000-7000-8000-00000000dead';

/** By method and path. */
export const examples: Readonly<Record<string, Example>> = {
  'POST /auth/step-up': { body: { password: PASSWORD } },
  'GET /users/{id}/role-impact': { query: '?role=train' },
  'PATCH /users/{id}': { body: { name: 'Someone Else' } },
  'PUT /users/{id}/role': { body: { role: 'train' } },
  'DELETE /users/{id}': { body: { mode: 'soft', password: PASSWORD } },
  'DELETE /users/{id}/totp': { body: { password: PASSWORD } },
  'POST /users/{id}/export': { body: { password: PASSWORD } },
  'POST /users/{id}/transfer-ownership': { body: { toUserId: nobody } },
  'POST /users/bulk': { body: { action: 'deactivate', userIds: [nobody] } },
  'POST /users/bulk/role-impact': { body: { role: 'train', userIds: [nobody] } },
  'POST /invitations': { body: { email: 'newcomer@rollcall.example' } },
  'POST /groups': { body: { name: 'A new group' } },
  'POST /groups/dry-run': { body: { autoAssignPattern: '*@eng.acme.example' } },
  'PATCH /groups/{id}': { body: { description: 'Another one' } },
  'POST /groups/{id}/dry-run': { body: { role: 'train' } },
  'POST /scim/connections/{id}/role-source/dry-run': { body: { roleSource: 'scim_roles' } },
  'POST /groups/{id}/members': { body: { userIds: [nobody] } },
  'PATCH /groups/{id}/members/{userId}': { body: { inGroupRole: 'member' } },
  'PUT /groups/{id}/grants': { body: [] },
  'POST /resources': { body: { type: 'agent', name: 'An agent' } },
  'PATCH /resources/{id}': { body: { name: 'Another name' } },
  'POST /users/{id}/elevations': {
    body: { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' },
  },
  'POST /me/elevations': { body: { role: 'admin', justification: 'On call for this week.' } },
  'POST /me/api-keys': { body: { name: 'A key', scopes: ['users:read'] } },
  'POST /service-accounts': { body: { name: 'Nightly sync' } },
  'PATCH /service-accounts/{id}': { body: { description: 'Runs every night' } },
  'POST /service-accounts/{id}/api-keys': { body: { name: 'A key', scopes: ['users:read'] } },
  'POST /users/{id}/email-change': { body: { email: 'another@rollcall.example' } },
  'POST /me/email-change': { body: { email: 'another@rollcall.example', password: PASSWORD } },
  'POST /users': { body: { email: 'newcomer-too@rollcall.example' } },
  'PATCH /me': { body: { name: 'Me Myself' } },
  'POST /me/password': { body: { currentPassword: PASSWORD, newPassword: 'another one 42 ways' } },
  'POST /me/totp': { body: { password: PASSWORD } },
  'POST /me/totp/confirm': { body: { code: '000000' } },
  'DELETE /me/totp': { body: { password: PASSWORD } },
  'POST /authz/check': { body: { userId: nobody, permission: 'users:read' } },
  'POST /authz/explain': { body: { userId: nobody, permission: 'users:read' } },
  'PATCH /settings': { body: {} },
  'PUT /users/{id}/checklist': { body: { item: 'introduction', done: true } },
  'PUT /job-functions': { body: [] },
  'POST /webhooks': { body: { url: 'https://hooks.example.com/in', events: ['*'] } },
  'PATCH /webhooks/{id}': { body: { events: ['*'] } },
  'POST /audit/streams': { body: { name: 'SIEM', host: 'syslog.example.com' } },
  'PATCH /audit/streams/{id}': { body: { name: 'Another name' } },
  'POST /sso/connections': { body: { name: 'A provider', protocol: 'saml', provider: 'okta' } },
  'POST /sso/connections/{id}/certificates': { body: { certificate: 'MII' } },
  'POST /sso/connections/{id}/metadata': { body: { xml: '<x/>' } },
  'PUT /sso/connections/{id}/domains': { body: { domains: [] } },
  'POST /sso/connections/{id}/keys/rotate': { body: { use: 'signing' } },
  'POST /users/{id}/identities': { body: { connectionId: nobody, subject: '00u1' } },
  'POST /scim/connections': { body: { name: 'Okta' } },
  'POST /scim/connections/{id}/allow-mass-change': { body: { password: OWNER_PASSWORD } },
  'POST /scim/connections/{id}/self-test': { body: {} },
  'PATCH /scim/connections/{id}': { body: { strict: true } },
  'POST /activity/events': {
    body: { events: [{ id: nobody, type: 'query', at: '2026-11-28T09:30:00Z', userId: nobody }] },
  },
  'PATCH /imports/{id}': { body: { onDuplicate: 'skip' } },
  'GET /history/differences': { query: '?from=2026-11-28T09:30:00Z' },
  'GET /history/differences/summary': { query: '?from=2026-11-28T09:30:00Z' },
  'GET /history/differences/export': { query: '?from=2026-11-28T09:30:00Z' },
  'POST /history/bundles': { body: {} },
  'PATCH /alerts/{id}': { body: { state: 'acknowledged' } },
  'POST /undos': { body: { requestId: nobody } },
  'POST /undos/{id}/confirm': { body: { token: 'none', password: PASSWORD } },
  'PUT /reviews/{id}/items/{itemId}': { body: { decision: 'keep' } },
  'POST /reviews/{id}/items/bulk': { body: { decision: 'keep', items: [nobody] } },
  'PUT /me/notifications': { body: { topics: { own_account: null } } },
  'POST /sso/connections/{id}/set-up-links': { body: { label: 'Jane at Acme', password: OWNER_PASSWORD } },
  'POST /scim/connections/{id}/set-up-links': { body: { label: 'Jane at Acme', password: OWNER_PASSWORD } },
  'PATCH /set-up-link/sso': { body: { settings: { forceAuthn: true } } },
  'POST /set-up-link/sso/metadata': { body: { xml: '<x/>' } },
  'PUT /set-up-link/sso/domains': { body: { domains: [] } },
  'PUT /alert-rules': { body: { off_hours: { enabled: false } } },
  'DELETE /scim/connections/{id}': { body: { password: OWNER_PASSWORD } },
  'POST /alert-rules/test': { body: { rules: { off_hours: { enabled: true } } } },
};

/** Makes one of each kind of thing that a path can name; @returns its id. */
export type EntityMaker = (owner: TestUser, rollcall: TestRollcall) => Promise<string>;

const made = async (
  answer: PromiseLike<{ status: number; text: string; body: unknown }>,
): Promise<Record<string, unknown>> => {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return body as Record<string, unknown>;
};

const unique = (): string => randomBytes(5).toString('hex');

const invite = (owner: TestUser) =>
  made(owner.post('/invitations', { email: `entity-${unique()}@rollcall.example` }));

export const makers: Readonly<Record<EntityKind, EntityMaker>> = {
  user: async (owner) => ((await invite(owner))['user'] as { id: string }).id,
  member: async (owner) => ((await invite(owner))['user'] as { id: string }).id,
  invitation: async (owner) => ((await invite(owner))['invitation'] as { id: string }).id,
  group: async (owner) => (await made(owner.post('/groups', { name: `Group ${unique()}` })))['id'] as string,
  resource: async (owner) =>
    (await made(owner.post('/resources', { type: 'agent', name: 'Agent' })))['id'] as string,
  export: async (owner, rollcall) =>
    (
      await made(
        owner.post(`/users/${await makers.user(owner, rollcall)}/export`, { password: OWNER_PASSWORD }),
      )
    )['id'] as string,
  session: async (owner) => {
    const { data } = (await made(owner.get('/me/sessions'))) as { data: { id: string }[] };
    return data[0]?.id as string;
  },
  api_key: async (owner) =>
    (await made(owner.post('/me/api-keys', { name: 'A key', scopes: ['users:read'] })))['id'] as string,
  service_account: async (owner) =>
    (await made(owner.post('/service-accounts', { name: 'Nightly sync' })))['id'] as string,
  elevation: async (owner, rollcall) => {
    const { id: user } = await joins(rollcall, owner);
    const body = { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' };
    return (await made(owner.post(`/users/${user}/elevations`, body)))['id'] as string;
  },
  webhook: async (owner) => {
    const body = { url: 'https://hooks.example.com/in', events: ['*'] };
    return ((await made(owner.post('/webhooks', body)))['webhook'] as { id: string }).id;
  },
  delivery: async () => nobody,
  audit_stream: async (owner) =>
    (await made(owner.post('/audit/streams', { name: 'SIEM', host: 'syslog.example.com' })))['id'] as string,
  job: async (owner, rollcall) => {
    await invite(owner);
    const { data } = (await made(owner.get('/jobs?kind=send_mail'))) as { data: { id: string }[] };
    const id = data[0]?.id as string;
    await rollcall.rollcall.db.search('update jobs set dead_at = now() where id = $1', [id]);
    return id;
  },
  sso_connection: async (owner) => {
    const body = { name: 'A provider', protocol: 'saml', provider: 'okta' };
    return (await made(owner.post('/sso/connections', body)))['id'] as string;
  },
  sso_key: async (owner, rollcall) => {
    const connection = await makers.sso_connection(owner, rollcall);
    const body = await made(owner.post(`/sso/connections/${connection}/keys/rotate`, { use: 'signing' }));
    return (body['keys'] as { id: string }[])[0]?.id as string;
  },
  set_up_link: async (owner, rollcall) => {
    const connection = await makers.sso_connection(owner, rollcall);
    const body = { label: 'Jane at Acme', password: OWNER_PASSWORD };
    return (await made(owner.post(`/sso/connections/${connection}/set-up-links`, body)))['id'] as string;
  },
  scim_connection: async (owner) =>
    (await made(owner.post('/scim/connections', { name: 'Okta' })))['id'] as string,
  scim_token: async (owner, rollcall) => {
    const connection = await makers.scim_connection(owner, rollcall);
    return (await made(owner.post(`/scim/connections/${connection}/tokens`, { password: OWNER_PASSWORD })))[
      'id'
    ] as string;
  },
  undo: async (owner, rollcall) => {
    const connectionId = await makers.scim_connection(owner, rollcall);
    const [from, to] = [new Date(Date.now() - 60_000), new Date()].map((each) => each.toISOString());
    return (await made(owner.post('/undos', { connectionId, from, to })))['id'] as string;
  },
  history_bundle: async (owner) => (await made(owner.post('/history/bundles', {})))['id'] as string,
  alert: async (owner, rollcall) => {
    await makers.api_key(owner, rollcall);
    await rollcall.rollcall.watchForAlerts();
    const { data } = (await made(owner.get('/alerts'))) as { data: { id: string }[] };
    return data[0]?.id as string;
  },
  scim_request: async (owner, rollcall) => {
    const connection = await makers.scim_connection(owner, rollcall);
    const issued = await made(
      owner.post(`/scim/connections/${connection}/tokens`, { password: OWNER_PASSWORD }),
    );
    const { headers } = await request(rollcall.server)
      .get('/scim/v2/Users/01890000-0000-7000-8000-00000000dead')
      .set('Authorization', `Bearer ${issued['token'] as string}`);
    await rollcall.rollcall.writeProvisioningLog();
    return headers['x-request-id'] as string;
  },
  event: async (owner) => {
    const { data } = (await made(owner.get('/audit?limit=1'))) as { data: { id: string }[] };
    return data[0]?.id as string;
  },
  review: async (owner, rollcall) => {
    const id = (await made(owner.post('/reviews', {})))['id'] as string;
    await rollcall.rollcall.tendReviews();
    return id;
  },
  review_item: async (owner, rollcall) => {
    const { data } = (await made(owner.get(`/reviews/${await makers.review(owner, rollcall)}/items`))) as {
      data: { id: string }[];
    };
    return data[0]?.id as string;
  },
  import: async (owner) => {
    const csv = 'email,name,role,groups\nsomebody@rollcall.example,,readonly,\n';
    return (await made(owner.post('/imports').set('Content-Type', 'text/csv').send(csv)))['id'] as string;
  },
};
