import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import type { SsoRouteDependencies } from './connections.ts';
import { answerConnection, connectionShape } from './shapes.ts';

export const metadataShape = z
  .strictObject({
    url: z.string().trim().min(1, 'Enter the address of the metadata.').max(2_000).optional(),
    xml: z.string().min(1, 'Paste the metadata.').max(1_048_576).optional(),
    entityId: z.string().trim().min(1).max(1_024).optional().meta({
      description: 'Which provider, of metadata that describes several.',
    }),
  })
  .refine(({ url, xml }) => (url === undefined) !== (xml === undefined), {
    path: ['url'],
    message: 'Send url or xml: one of them.',
  });

/** The metadata of a SAML provider (docs/sso-design.md §3). */
export function ssoMetadataRoutes({ sso, publicUrl, now }: SsoRouteDependencies): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  const params = { id: 'sso_connection' } as const;
  return [
    route({
      method: 'POST',
      path: '/sso/connections/{id}/metadata',
      tag,
      summary: 'Give a connection the metadata of its provider',
      description:
        'A draft is changed immediately. In an active connection harmless changes are applied, such as an additional certificate; a different entity ID, a different host and removed certificates are staged. Metadata of a URL is read again every day, and staged or applied in the same way.',
      access,
      params,
      bodyLimit: 2_097_152,
      body: metadataShape,
      etag: true,
      answers: { 200: connectionShape },
      errors: [
        'demonstration',
        'invalid_metadata',
        'invalid_address',
        'too_many',
        'conflict',
        'version_mismatch',
        'owner_only',
      ],
      handle: async ({ by, params: { id }, body: { url, xml = '', entityId }, ifMatch }) => {
        const source = url === undefined ? { xml } : { url };
        const given = await sso.metadata.give(by, id, source, entityId, ifMatch);
        return answerConnection(given, publicUrl, now());
      },
    }),
    route({
      method: 'POST',
      path: '/sso/connections/{id}/metadata/confirm',
      tag,
      summary: 'Do what new metadata would change',
      access,
      params,
      etag: true,
      answers: { 200: connectionShape },
      errors: ['nothing_staged', 'last_certificate', 'too_many', 'version_mismatch', 'owner_only'],
      handle: async ({ by, params: { id }, ifMatch }) =>
        answerConnection(await sso.metadata.confirm(by, id, ifMatch), publicUrl, now()),
    }),
    route({
      method: 'DELETE',
      path: '/sso/connections/{id}/metadata/staged',
      tag,
      summary: 'Do without what new metadata would change',
      description:
        'It is not staged again, even if the provider keeps publishing it, until you submit the metadata again.',
      access,
      params,
      etag: true,
      answers: { 200: connectionShape },
      errors: ['nothing_staged', 'version_mismatch'],
      handle: async ({ by, params: { id }, ifMatch }) =>
        answerConnection(await sso.metadata.drop(by, id, ifMatch), publicUrl, now()),
    }),
  ];
}
