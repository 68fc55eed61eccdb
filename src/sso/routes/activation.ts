import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import type { SsoRouteDependencies } from './connections.ts';
import { answerConnection, connectionShape } from './shapes.ts';
import { presentTrace, traceShape } from './traces.ts';

/** Trying a connection, and switching it on and off. */
export function ssoActivationRoutes({ sso, publicUrl, now }: SsoRouteDependencies): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  const params = { id: 'sso_connection' } as const;
  return [
    route({
      method: 'POST',
      path: '/sso/connections/{id}/test',
      tag,
      summary: 'Get the address of a test sign-in',
      description:
        'Open it in the browser of your session. The test does not sign in or change any user; its result is at …/test-result.',
      access,
      params,
      answers: { 200: z.object({ testUrl: z.string() }) },
      errors: ['connection_incomplete', 'certificate_missing'],
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: { testUrl: await sso.activation.test(by, id) },
      }),
    }),
    route({
      method: 'GET',
      path: '/sso/connections/{id}/test-result',
      tag,
      summary: 'Read what came of the last test',
      description: 'null if there was none. testedAt of the connection shows whether it is still valid.',
      access,
      params,
      answers: { 200: traceShape.nullable() },
      handle: async ({ by, params: { id } }) => {
        const trace = await sso.traces.lastTest(by, id);
        return { status: 200, body: trace === undefined ? null : presentTrace(trace) };
      },
    }),
    route({
      method: 'POST',
      path: '/sso/connections/{id}/activate',
      tag,
      summary: 'Let users sign in through a connection',
      access,
      params,
      etag: true,
      answers: { 200: connectionShape },
      errors: ['test_not_passed', 'certificate_missing', 'connection_incomplete', 'version_mismatch'],
      handle: async ({ by, params: { id }, ifMatch }) =>
        answerConnection(await sso.activation.activate(by, id, ifMatch), publicUrl, now()),
    }),
    route({
      method: 'POST',
      path: '/sso/connections/{id}/deactivate',
      tag,
      summary: 'Turn off sign-in through a connection',
      description: 'Sessions that began through it end.',
      access,
      params,
      etag: true,
      answers: { 200: connectionShape },
      errors: ['version_mismatch'],
      handle: async ({ by, params: { id }, ifMatch }) =>
        answerConnection(await sso.activation.deactivate(by, id, ifMatch), publicUrl, now()),
    }),
  ];
}
