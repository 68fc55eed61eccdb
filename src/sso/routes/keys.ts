import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { MAX_OVERLAP_HOURS } from '../administration/own-keys.ts';
import type { SsoRouteDependencies } from './connections.ts';
import { answerConnection, connectionShape } from './shapes.ts';

const hours = `must be a number of hours, from 0 to ${MAX_OVERLAP_HOURS}.`;

/** Our own keys: what we sign with, and what providers encrypt to. */
export function ssoKeyRoutes({ sso, publicUrl, now }: SsoRouteDependencies): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  return [
    route({
      method: 'POST',
      path: '/sso/connections/{id}/keys/rotate',
      tag,
      summary: 'Give a connection another key of ours',
      description:
        'Give the provider the new key before the previous one retires: both signing keys are published, and the previous one keeps signing; of two encryption keys, the new one is published and both decrypt. Once the provider knows the new key, the previous one can be retired immediately.',
      access,
      params: { id: 'sso_connection' },
      body: z.strictObject({
        use: z.enum(['signing', 'encryption'], { error: 'must be signing or encryption.' }),
        overlapHours: z.int(hours).min(0, hours).max(MAX_OVERLAP_HOURS, hours).default(168),
      }),
      etag: true,
      answers: { 200: connectionShape },
      errors: ['conflict', 'version_mismatch'],
      handle: async ({ by, params: { id }, body: { use, overlapHours }, ifMatch }) =>
        answerConnection(await sso.keys.rotate(by, id, use, overlapHours, ifMatch), publicUrl, now()),
    }),
    route({
      method: 'DELETE',
      path: '/sso/connections/{id}/keys/{key}',
      tag,
      summary: 'Retire a key that has been replaced, now',
      access,
      params: { id: 'sso_connection', key: 'sso_key' },
      etag: true,
      answers: { 200: connectionShape },
      errors: ['conflict'],
      handle: async ({ by, params: { id, key } }) =>
        answerConnection(await sso.keys.retire(by, id, key), publicUrl, now()),
    }),
  ];
}
