import { z } from 'zod';
import { PERMISSION_MEANINGS, SCOPE_MEANINGS } from '../../directory/roles/rules/permission-meanings.ts';
import {
  PERMISSION_NAMES,
  PERMISSIONS,
  type Permission,
  RANKS,
  type Scope,
} from '../../directory/roles/rules/permissions.ts';
import { accessTier, ROLE_MEANINGS, ROLES } from '../../directory/roles/rules/roles.ts';
import type { History } from '../../history/history.ts';
import { asOf as asOfParameter, momentShape } from '../../history/routes/shapes.ts';
import { groupReference } from '../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import { id, time, userId } from '../../rest/shapes.ts';
import type { AuthorizationQueries, KeptSnapshot, Question } from './queries.ts';
import { snapshotOf } from './rules/snapshot.ts';

const scopeShape = z.enum(Object.keys(SCOPE_MEANINGS) as [Scope, ...Scope[]]);
const tier = z.enum(['user', 'manager', 'admin', 'super_admin']);
const keyShape = z.enum(PERMISSION_NAMES as [Permission, ...Permission[]], {
  error: 'must be the name of a permission (GET /permissions).',
});

/** Where a role comes from, each as the console shows it on the Access tab. */
const sourceShape = z.object({
  kind: z.enum(['direct', 'group', 'elevation']),
  role: z.enum(ROLES),
  id: z.string().optional().meta({ description: 'Of the group or the elevation.' }),
  name: z.string().optional(),
  expiresAt: time.optional(),
  autoAssignPattern: z.string().optional().meta({
    description: 'Of a group that has added the user by their address; only in the answer to why.',
    example: '*@eng.acme.example',
  }),
});

const snapshotShape = z
  .object({
    effectiveRole: z.enum(ROLES),
    accessTier: tier,
    owner: z.boolean(),
    permissions: z.array(z.object({ key: keyShape, scope: scopeShape })),
    grants: z.array(
      z.object({
        group: groupReference,
        resourceType: z.string(),
        resourceId: z.string().nullable(),
        resourceName: z.string().nullable(),
        tag: z.string().nullable(),
        level: z.enum(['use', 'edit', 'manage']),
      }),
    ),
    sources: z.array(sourceShape),
    version: z.string(),
    validUntil: time.meta({ description: 'Ask again from then on: 5 minutes, or the end of an elevation.' }),
  })
  .meta({ id: 'Permissions' });

/** What a user could do at a moment. */
const pastSnapshotShape = snapshotShape
  .omit({ version: true, validUntil: true })
  .extend({ status: z.enum(['active', 'inactive', 'pending']), ...momentShape })
  .meta({ id: 'PastPermissions' });

/** A snapshot may be cached for as long as it states, only by the client that requested it. */
const answerSnapshot = ({ maxAge, ...body }: KeptSnapshot): RouteAnswer<200> => ({
  status: 200,
  body,
  version: body.version,
  headers: { 'Cache-Control': `private, max-age=${maxAge}`, Vary: 'Authorization, Cookie' },
});

const questionShape = z.strictObject({
  userId,
  permission: keyShape,
  resource: z
    .union([id, z.strictObject({ type: z.string().trim().min(1).max(100), id })], {
      error: 'must be an id, or an object with type and id.',
    })
    .optional()
    .meta({ description: 'What it is about; the types user and group are the directory’s own.' }),
});

function readQuestion({ userId, permission, resource }: z.output<typeof questionShape>): Question {
  const target = typeof resource === 'string' ? { type: undefined, id: resource } : resource;
  return { user: userId, permission, target };
}

/** What users may do, and why. */
export function permissionRoutes({
  authorization,
  history,
}: {
  readonly authorization: AuthorizationQueries;
  readonly history: History;
}): Route[] {
  const tag = 'Permissions';
  return [
    route({
      method: 'GET',
      path: '/permissions',
      tag,
      summary: 'List permissions, roles and scopes with what they mean',
      access: 'signed in',
      answers: {
        200: z.object({
          permissions: z.array(
            z.object({
              key: keyShape,
              meaning: z.string(),
              about: z.array(z.string()),
              scopes: z.record(z.enum(RANKS), scopeShape),
            }),
          ),
          roles: z.array(z.object({ role: z.enum(ROLES), accessTier: tier, meaning: z.string() })),
          scopes: z.array(z.object({ scope: scopeShape, meaning: z.string() })),
        }),
      },
      handle: async () => ({
        status: 200,
        body: {
          permissions: PERMISSION_NAMES.map((key) => ({
            key,
            ...PERMISSION_MEANINGS[key],
            scopes: PERMISSIONS[key],
          })),
          roles: ROLES.map((role) => ({
            role,
            accessTier: accessTier(role, false),
            meaning: ROLE_MEANINGS[role],
          })),
          scopes: Object.entries(SCOPE_MEANINGS).map(([scope, meaning]) => ({ scope, meaning })),
        },
      }),
    }),
    route({
      method: 'GET',
      path: '/me/permissions',
      tag,
      summary: 'Show what you may do',
      description: 'To be kept until validUntil. A 304 holds for its own max-age.',
      access: 'signed in',
      etag: true,
      answers: { 200: snapshotShape },
      handle: async ({ by }) => answerSnapshot(await authorization.own(by)),
    }),
    route({
      method: 'GET',
      path: '/users/{id}/permissions',
      tag,
      summary: 'Show what a user may do',
      description:
        'To be kept until validUntil. A 304 holds for its own max-age. With asOf: what they could do at that time.',
      access: 'users:read',
      params: { id: 'user' },
      query: z.strictObject({ asOf: asOfParameter }),
      etag: true,
      answers: { 200: z.union([snapshotShape, pastSnapshotShape]) },
      errors: ['in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, params: { id: user }, query: { asOf } }) => {
        if (asOf === undefined) return answerSnapshot(await authorization.ofUser(by, user));
        const { value, ...past } = await history.permissions(by, user, asOf);
        const { rights, given } = value;
        return {
          status: 200,
          body: { ...snapshotOf(rights, given), status: rights.status, ...past },
          version: asOf,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/authz/check',
      tag,
      summary: 'Ask whether a user may do something',
      description: 'As it is at this moment. Without a resource: whether the permission reaches anything.',
      access: 'signed in',
      body: questionShape,
      answers: { 200: z.object({ allowed: z.boolean() }) },
      handle: async ({ by, body }) => {
        const { allowed } = await authorization.explain(by, readQuestion(body));
        return { status: 200, body: { allowed } };
      },
    }),
    route({
      method: 'POST',
      path: '/authz/explain',
      tag,
      summary: 'Ask why a user may or may not do something',
      access: 'signed in',
      body: questionShape,
      answers: {
        200: z.object({
          allowed: z.boolean(),
          scope: scopeShape,
          reasons: z.array(z.object({ effect: z.enum(['allows', 'denies', 'note']), text: z.string() })),
          sources: z.array(sourceShape),
        }),
      },
      handle: async ({ by, body }) => ({
        status: 200,
        body: await authorization.explain(by, readQuestion(body)),
      }),
    }),
  ];
}
