import { z } from 'zod';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import { presentWhole, wholeList } from '../../rest/shapes.ts';
import type { SsoAdministration } from '../administration/administration.ts';
import { type CompleteConnection, domainShape, presentDomain } from './shapes.ts';

/** Why the domains of a connection may not be set. */
export const DOMAINS_ERRORS = [
  'invalid_domain',
  'public_domain',
  'domain_taken',
  'domain_unverified',
  'conflict',
  'too_many',
  'version_mismatch',
] as const;

/** The domains of a connection: these and no others. */
export const domainsShape = z.strictObject({
  domains: z
    .array(
      z.strictObject({
        domain: z.string().trim().min(1, 'Enter a domain, such as acme.example.').max(1_000),
        enforced: z.boolean().default(false),
      }),
    )
    .max(1_000),
});

const answerShape = wholeList(domainShape);

const answer = ({ connection }: { readonly connection: CompleteConnection }): RouteAnswer<200> => ({
  status: 200,
  body: presentWhole(connection.domains.map(presentDomain)),
  version: connection.version,
});

/** The domains whose users sign in through a connection (docs/sso-design.md §4, rule 7). */
export function ssoDomainRoutes({ sso }: { readonly sso: SsoAdministration }): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  const params = { id: 'sso_connection' } as const;
  return [
    route({
      method: 'GET',
      path: '/sso/connections/{id}/domains',
      tag,
      summary: 'List the domains of a connection',
      access,
      params,
      etag: true,
      answers: { 200: answerShape },
      handle: async ({ by, params: { id } }) => answer(await sso.connections.get(by, id)),
    }),
    route({
      method: 'PUT',
      path: '/sso/connections/{id}/domains',
      tag,
      summary: 'Set the domains of a connection',
      description:
        'These and no others. Each answer has the DNS record that proves the domain; nothing follows from a domain before it is verified, and one that is removed is free.',
      access,
      params,
      body: domainsShape,
      etag: true,
      answers: { 200: answerShape },
      errors: DOMAINS_ERRORS,
      handle: async ({ by, params: { id }, body, ifMatch }) =>
        answer(await sso.domains.put(by, id, body.domains, ifMatch)),
    }),
    route({
      method: 'POST',
      path: '/sso/connections/{id}/domains/{domain}/verify',
      tag,
      summary: 'Look for the DNS record of a domain, and verify it',
      access,
      params,
      etag: true,
      answers: { 200: answerShape },
      errors: ['demonstration', 'dns_record_missing', 'domain_taken'],
      handle: async ({ by, params: { id, domain } }) => answer(await sso.domains.verify(by, id, domain)),
    }),
  ];
}
