import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { presentWhole, wholeList } from '../../rest/shapes.ts';
import type { SsoRouteDependencies } from './connections.ts';
import { answerConnection, certificateShape, connectionShape, presentCertificate } from './shapes.ts';

/** The certificates with which a SAML provider signs (docs/sso-design.md §3). */
export function ssoCertificateRoutes({ sso, publicUrl, now }: SsoRouteDependencies): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  const params = { id: 'sso_connection' } as const;
  return [
    route({
      method: 'GET',
      path: '/sso/connections/{id}/certificates',
      tag,
      summary: 'List the certificates of a provider',
      access,
      params,
      etag: true,
      answers: { 200: wholeList(certificateShape) },
      handle: async ({ by, params: { id } }) => {
        const { connection } = await sso.connections.get(by, id);
        const data = connection.certificates.map((certificate) => presentCertificate(certificate, now()));
        return { status: 200, body: presentWhole(data), version: connection.version };
      },
    }),
    route({
      method: 'POST',
      path: '/sso/connections/{id}/certificates',
      tag,
      summary: 'Trust a certificate of a provider',
      description: 'Beside those that are trusted already. One that is known changes nothing.',
      access,
      params,
      body: z.strictObject({
        certificate: z
          .string({ error: 'Paste the certificate.' })
          .min(1, 'Paste the certificate.')
          .max(65_536, 'This is too long for one certificate.')
          .meta({ description: 'PEM, or base64 of the DER.' }),
      }),
      etag: true,
      answers: { 201: connectionShape },
      errors: ['invalid_certificate', 'too_many', 'conflict', 'version_mismatch', 'owner_only'],
      handle: async ({ by, params: { id }, body, ifMatch }) => ({
        ...answerConnection(await sso.certificates.add(by, id, body.certificate, ifMatch), publicUrl, now()),
        status: 201,
      }),
    }),
    route({
      method: 'DELETE',
      path: '/sso/connections/{id}/certificates/{fingerprint}',
      tag,
      summary: 'Trust a certificate no more',
      access,
      params,
      etag: true,
      answers: { 200: connectionShape },
      errors: ['last_certificate', 'version_mismatch'],
      handle: async ({ by, params: { id, fingerprint }, ifMatch }) =>
        answerConnection(
          await sso.certificates.remove(by, id, fingerprint.toLowerCase(), ifMatch),
          publicUrl,
          now(),
        ),
    }),
  ];
}
