import { z } from 'zod';
import type { Authority } from '../../directory/roles/authority.ts';
import { type Route, route } from '../../rest/route.ts';
import { presentWhole, wholeList } from '../../rest/shapes.ts';
import type { SsoAdministration } from '../../sso/administration/administration.ts';
import { changedConnectionShape, readConnectionInput } from '../../sso/routes/connection-bodies.ts';
import { DOMAINS_ERRORS, domainsShape } from '../../sso/routes/domains.ts';
import { metadataShape } from '../../sso/routes/metadata.ts';
import { provisioningBody } from '../../sso/routes/provisioning.ts';
import { answerConnection, connectionShape, domainShape, presentDomain } from '../../sso/routes/shapes.ts';
import { presentTrace, traceShape } from '../../sso/routes/traces.ts';
import { requireLink, type SetUpLinkCommands } from '../commands.ts';

/** The connection of the link: there is no other id that its holder could send. */
const connectionOf = (by: Authority) => requireLink(by, 'sso').connection;

const changes = changedConnectionShape.omit({ name: true });
// Who of the directory signed in is for administrators.
const testShape = traceShape.omit({ user: true }).meta({ id: 'SetUpTest' });

/** What the holder of a set-up link does with a connection for single sign-on (R154). */
export function ssoHolderRoutes({
  sso,
  setUpLinkCommands: links,
  publicUrl,
  now,
}: {
  readonly sso: SsoAdministration;
  readonly setUpLinkCommands: SetUpLinkCommands;
  readonly publicUrl: string;
  readonly now: () => Date;
}): Route[] {
  const shared = { tag: 'Set-up links', access: 'set-up link' } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/set-up-link/sso',
      summary: 'Read the connection, with what to enter at the provider',
      etag: true,
      answers: { 200: connectionShape },
      handle: async ({ by }) =>
        answerConnection(await sso.connections.get(by, connectionOf(by)), publicUrl, now()),
    }),
    route({
      ...shared,
      method: 'PATCH',
      path: '/set-up-link/sso',
      summary: 'Change the settings of the connection',
      body: changes,
      etag: true,
      answers: { 200: connectionShape },
      errors: [
        'demonstration',
        'conflict',
        'connection_incomplete',
        'invalid_provider',
        'version_mismatch',
        'owner_only',
      ],
      handle: async ({ by, body, ifMatch }) => {
        const id = connectionOf(by);
        const { connection } = await sso.connections.get(by, id);
        const input = readConnectionInput({ ...body, name: undefined }, connection.protocol);
        return answerConnection(await sso.connections.update(by, id, input, ifMatch), publicUrl, now());
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/sso/metadata',
      summary: 'Give the connection the metadata of its provider',
      bodyLimit: 2_097_152,
      body: metadataShape,
      etag: true,
      answers: { 200: connectionShape },
      errors: [
        'demonstration',
        'conflict',
        'invalid_metadata',
        'invalid_address',
        'too_many',
        'version_mismatch',
        'owner_only',
      ],
      handle: async ({ by, body: { url, xml = '', entityId }, ifMatch }) => {
        const source = url === undefined ? { xml } : { url };
        const given = await sso.metadata.give(by, connectionOf(by), source, entityId, ifMatch);
        return answerConnection(given, publicUrl, now());
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/set-up-link/sso/jit',
      summary: 'Read how users are provisioned at their first sign-in',
      etag: true,
      answers: { 200: provisioningBody },
      handle: async ({ by }) => {
        const { provisioning, version } = await sso.provisioning.get(by, connectionOf(by));
        return { status: 200, body: provisioning, version };
      },
    }),
    route({
      ...shared,
      method: 'PUT',
      path: '/set-up-link/sso/jit',
      summary: 'Set how users are provisioned at their first sign-in',
      description: 'With roles that the connection gives already: which those are, an administrator decides.',
      body: provisioningBody,
      etag: true,
      answers: { 200: provisioningBody },
      errors: ['conflict', 'role_above_limit', 'invalid_domain', 'public_domain', 'version_mismatch'],
      handle: async ({ by, body, ifMatch }) => {
        const { provisioning, version } = await sso.provisioning.put(by, connectionOf(by), body, ifMatch);
        return { status: 200, body: provisioning, version };
      },
    }),
    route({
      ...shared,
      method: 'PUT',
      path: '/set-up-link/sso/domains',
      summary: 'Set the domains of the connection',
      body: domainsShape,
      etag: true,
      answers: { 200: wholeList(domainShape) },
      errors: DOMAINS_ERRORS,
      handle: async ({ by, body, ifMatch }) => {
        const { connection } = await sso.domains.put(by, connectionOf(by), body.domains, ifMatch);
        const shown = presentWhole(connection.domains.map(presentDomain));
        return { status: 200, body: shown, version: connection.version };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/sso/domains/{domain}/verify',
      summary: 'Look for the DNS record of a domain, and verify it',
      etag: true,
      answers: { 200: wholeList(domainShape) },
      errors: ['demonstration', 'conflict', 'dns_record_missing', 'domain_taken'],
      handle: async ({ by, params: { domain } }) => {
        const { connection } = await sso.domains.verify(by, connectionOf(by), domain);
        const shown = presentWhole(connection.domains.map(presentDomain));
        return { status: 200, body: shown, version: connection.version };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/sso/test',
      summary: 'Get the address of a test sign-in',
      description:
        'For one test within ten minutes, in any browser. It signs in and changes no user; its result is at …/test-result.',
      answers: { 200: z.object({ testUrl: z.string() }) },
      errors: ['connection_incomplete', 'certificate_missing'],
      handle: async ({ by }) => {
        const url = await sso.activation.test(by, connectionOf(by));
        return { status: 200, body: { testUrl: `${url}&code=${await links.beginTest(by)}` } };
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/set-up-link/sso/test-result',
      summary: 'Read what came of the last test',
      answers: { 200: testShape.nullable() },
      handle: async ({ by }) => {
        const trace = await sso.traces.lastTest(by, connectionOf(by));
        if (trace === undefined) return { status: 200, body: null };
        const { user: _, ...shown } = presentTrace(trace);
        return { status: 200, body: shown };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/sso/activate',
      summary: 'Let users sign in through the connection',
      description: 'Only with a link that may activate it.',
      etag: true,
      answers: { 200: connectionShape },
      errors: [
        'conflict',
        'test_not_passed',
        'certificate_missing',
        'connection_incomplete',
        'version_mismatch',
      ],
      handle: async ({ by, ifMatch }) =>
        answerConnection(await sso.activation.activate(by, connectionOf(by), ifMatch), publicUrl, now()),
    }),
  ];
}
