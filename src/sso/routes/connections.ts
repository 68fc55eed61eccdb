import { type Route, route } from '../../rest/route.ts';
import { presentWhole, wholeList } from '../../rest/shapes.ts';
import type { SsoAdministration } from '../administration/administration.ts';
import {
  changedConnectionShape,
  newConnectionShape,
  readConnectionInput,
  readNewConnection,
} from './connection-bodies.ts';
import { answerConnection, connectionShape, listedShape, presentListed } from './shapes.ts';

/** What the routes of single sign-on work with. */
export interface SsoRouteDependencies {
  readonly sso: SsoAdministration;
  /** What our addresses at the provider begin with. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

/** Connections that sign users in (R41, R139). */
export function ssoConnectionRoutes({ sso, publicUrl, now }: SsoRouteDependencies): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  const params = { id: 'sso_connection' } as const;
  return [
    route({
      method: 'GET',
      path: '/sso/connections',
      tag,
      summary: 'List connections with single sign-on',
      access,
      answers: { 200: wholeList(listedShape) },
      handle: async ({ by }) => ({
        status: 200,
        body: presentWhole((await sso.connections.list(by)).map(presentListed)),
      }),
    }),
    route({
      method: 'POST',
      path: '/sso/connections',
      tag,
      summary: 'Add a connection, as a draft',
      description:
        'Not used for sign-in until it is activated. What is not known of the provider yet can be added later: the answer shows what to enter there.',
      access,
      bodyLimit: 2_097_152,
      body: newConnectionShape,
      etag: true,
      location: true,
      answers: { 201: connectionShape },
      errors: [
        'not_found',
        'demonstration',
        'conflict',
        'too_many',
        'invalid_metadata',
        'invalid_address',
        'invalid_provider',
      ],
      handle: async ({ by, body }) => {
        const made = await sso.connections.create(by, readNewConnection(body));
        const Location = `/api/v1/sso/connections/${made.connection.id}`;
        return { ...answerConnection(made, publicUrl, now()), status: 201, headers: { Location } };
      },
    }),
    route({
      method: 'GET',
      path: '/sso/connections/{id}',
      tag,
      summary: 'Read a connection',
      access,
      params,
      etag: true,
      answers: { 200: connectionShape },
      handle: async ({ by, params: { id: connection } }) =>
        answerConnection(await sso.connections.get(by, connection), publicUrl, now()),
    }),
    route({
      method: 'PATCH',
      path: '/sso/connections/{id}',
      tag,
      summary: 'Change a connection',
      description:
        'What is left out stays. If the change invalidates the last test, testedAt is null afterwards; an active connection stays active, with a warning.',
      access,
      params,
      body: changedConnectionShape,
      etag: true,
      answers: { 200: connectionShape },
      errors: [
        'demonstration',
        'version_mismatch',
        'invalid_provider',
        'connection_incomplete',
        'owner_only',
      ],
      handle: async ({ by, params: { id: connection }, body, ifMatch }) => {
        const { connection: present } = await sso.connections.get(by, connection);
        const words = readConnectionInput(body, present.protocol);
        const changed = await sso.connections.update(by, present.id, words, ifMatch);
        return answerConnection(changed, publicUrl, now());
      },
    }),
    route({
      method: 'DELETE',
      path: '/sso/connections/{id}',
      tag,
      summary: 'Take single sign-on away from a connection',
      description: 'Its sessions end, its domains are free. What SCIM provisions through it stays.',
      access,
      params,
      answers: { 204: 'nothing' },
      errors: ['version_mismatch'],
      handle: async ({ by, params: { id: connection }, ifMatch }) => {
        await sso.connections.remove(by, connection, ifMatch);
        return { status: 204 };
      },
    }),
  ];
}
