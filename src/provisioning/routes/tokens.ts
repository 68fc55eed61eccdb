import { z } from 'zod';
import { actorReference, SYSTEM } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { idCursor, instant, page, pageById, pageOf, proof, readCursor, time } from '../../rest/shapes.ts';
import type { IssuedToken } from '../commands.ts';
import type { ScimToken } from '../queries.ts';
import type { ScimRouteDependencies } from './connections.ts';

const tokenShape = z
  .object({
    id: z.string(),
    last4: z.string().nullable().meta({ description: 'Null for a token that is older than this field.' }),
    issuedBy: actorReference,
    createdAt: time,
    lastUsedAt: time.nullable().meta({ description: 'To the minute.' }),
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ScimToken' });

const issuedShape = z.object({
  ...tokenShape.shape,
  token: z.string().meta({ description: 'Save it now: it cannot be shown again.' }),
});

const presentToken = (token: ScimToken): z.input<typeof tokenShape> => ({
  ...token,
  issuedBy: token.issuer ?? SYSTEM,
});

const presentIssued = ({ token, kept }: IssuedToken): z.input<typeof issuedShape> => ({
  ...presentToken(kept),
  token,
});

const expiresAt = instant.optional().meta({ description: 'Without it, it holds until it is revoked.' });

/** The tokens of connections that provision over SCIM. */
export function scimTokenRoutes({
  scimConnections,
  scimConnectionQueries,
  signIn,
}: ScimRouteDependencies): Route[] {
  const shared = { tag: 'SCIM', access: 'scim:manage' } as const;
  const params = { id: 'scim_connection' } as const;
  const tokenParams = { ...params, tokenId: 'scim_token' } as const;
  // A token does more than a key may have been made for (guard rule 6): only a user makes one.
  const sessionOnly = true;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/scim/connections/{id}/tokens',
      summary: 'List the tokens of a connection',
      description: 'The newest first, those that were revoked among them.',
      params,
      query: z.strictObject(page),
      answers: { 200: pageOf(tokenShape) },
      handle: async ({ by, params: { id }, query: { limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await scimConnectionQueries.tokens(by, id, { after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentToken) };
      },
    }),
    route({
      ...shared,
      sessionOnly,
      method: 'POST',
      path: '/scim/connections/{id}/tokens',
      summary: 'Issue a token',
      description:
        'With it an identity provider does all that SCIM does: keep it like a password. Asks for your password.',
      params,
      body: z.strictObject({ expiresAt, ...proof }),
      answers: { 201: issuedShape },
      errors: ['too_many', 'in_the_past', 'role_above_limit', 'password_invalid', 'step_up_required'],
      handle: async ({ by, params: { id }, body, client }) => {
        await scimConnectionQueries.get(by, id);
        const proven = await signIn.prove(by, body, client);
        const issued = await scimConnections.issue(proven, id, body.expiresAt);
        return { status: 201, body: presentIssued(issued) };
      },
    }),
    route({
      ...shared,
      sessionOnly,
      method: 'POST',
      path: '/scim/connections/{id}/tokens/{tokenId}/rotate',
      summary: 'Put another token in the place of one',
      description:
        'The previous token stays valid for overlapHours, but not beyond its own expiry. Asks for your password.',
      params: tokenParams,
      body: z.strictObject({
        overlapHours: z
          .int('must be a whole number of hours.')
          .min(0, 'must be a number from 0 to 720.')
          .max(720, 'must be a number from 0 to 720.')
          .default(24),
        expiresAt,
        ...proof,
      }),
      answers: { 201: issuedShape.extend({ previousUntil: time }) },
      errors: [
        'too_many',
        'in_the_past',
        'expired',
        'role_above_limit',
        'password_invalid',
        'step_up_required',
      ],
      handle: async ({ by, params: { id, tokenId }, body, client }) => {
        await scimConnectionQueries.get(by, id);
        const proven = await signIn.prove(by, body, client);
        const intent = { overlapHours: body.overlapHours, expiresAt: body.expiresAt };
        const issued = await scimConnections.rotate(proven, id, tokenId, intent);
        return { status: 201, body: { ...presentIssued(issued), previousUntil: issued.previousUntil } };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/scim/connections/{id}/tokens/{tokenId}',
      summary: 'Revoke a token',
      description: 'It ends within a second.',
      params: tokenParams,
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id, tokenId } }) => {
        await scimConnections.revoke(by, id, tokenId);
        return { status: 204 };
      },
    }),
  ];
}
