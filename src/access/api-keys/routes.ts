import { z } from 'zod';
import { PERMISSION_NAMES, type Permission } from '../../directory/roles/rules/permissions.ts';
import { serviceAccountReference, userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  days,
  flag,
  idCursor,
  instant,
  line,
  page,
  pageById,
  pageOf,
  readCursor,
  several,
  time,
  userId,
} from '../../rest/shapes.ts';
import { type ApiKeyCommands, KEY_STATES, type ListedApiKey } from './commands.ts';

export const keyShape = z
  .object({
    id: z.string(),
    user: userReference.nullable().meta({ description: 'Null for a key of a service account.' }),
    serviceAccount: serviceAccountReference.nullable().meta({ description: "Null for a user's key." }),
    name: z.string(),
    scopes: z.array(z.string()),
    state: z.enum(KEY_STATES),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

export function presentKey(row: ListedApiKey): z.input<typeof keyShape> {
  return {
    id: row.id,
    user: row.user === null ? null : { id: row.user, name: row.userName, email: row.email ?? '' },
    serviceAccount:
      row.serviceAccount === null ? null : { id: row.serviceAccount, name: row.serviceAccountName ?? '' },
    name: row.name,
    scopes: row.scopes,
    state: row.state,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
    revokedAt: row.revokedAt,
  };
}

const scope = z.enum(PERMISSION_NAMES as [Permission, ...Permission[]], {
  error: 'must be the name of a permission (GET /permissions).',
});

export const keyBody = z.strictObject({
  name: line,
  scopes: z.array(scope).min(1, 'Choose at least one permission.').max(PERMISSION_NAMES.length),
  expiresAt: instant.optional(),
});

export const madeKeyShape = z
  .object({
    id: z.string(),
    token: z.string().meta({ description: 'Keep it now: it cannot be shown again.' }),
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: time,
    expiresAt: time.nullable(),
  })
  .meta({ id: 'NewApiKey' });

/** Keys for programs: the caller's own, and other users' for those who manage them. */
export function apiKeyRoutes({ apiKeyCommands }: { readonly apiKeyCommands: ApiKeyCommands }): Route[] {
  const tag = 'API keys';
  const onAll = (
    verb: 'disable' | 'enable' | 'revoke',
    summary: string,
    run: ApiKeyCommands['disableAll'],
  ): Route =>
    route({
      method: 'POST',
      path: `/users/{id}/api-keys/${verb}`,
      tag,
      summary,
      access: 'api_keys:manage',
      params: { id: 'user' },
      answers: { 200: z.object({ keys: z.int().meta({ description: 'How many it changed.' }) }) },
      errors: verb === 'enable' ? ['self_change', 'target_inactive'] : ['self_change'],
      handle: async ({ by, params: { id: user } }) => ({
        status: 200,
        body: { keys: await run(by, user) },
      }),
    });
  return [
    route({
      method: 'GET',
      path: '/me/api-keys',
      tag,
      summary: 'List your own API keys',
      access: 'signed in',
      sessionOnly: true,
      query: z.strictObject(page),
      answers: { 200: pageOf(keyShape) },
      handle: async ({ by, query: { limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await apiKeyCommands.own(by, { after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentKey) };
      },
    }),
    route({
      method: 'POST',
      path: '/me/api-keys',
      tag,
      summary: 'Make an API key',
      description:
        'The token is shown once. A key may what it was made for and you may at that moment, never more.',
      access: 'api_keys:own',
      sessionOnly: true,
      body: keyBody,
      answers: { 201: madeKeyShape },
      errors: ['invalid_scope', 'in_the_past', 'too_many'],
      handle: async ({ by, body: { name, scopes, expiresAt } }) => {
        const made = await apiKeyCommands.create(by, { name, scopes, expiresAt });
        return { status: 201, body: { ...made, name, expiresAt: expiresAt ?? null } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/api-keys/{id}',
      tag,
      summary: 'Revoke an API key of yours',
      access: 'signed in',
      sessionOnly: true,
      params: { id: 'api_key' },
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id: key } }) => {
        await apiKeyCommands.revokeOwn(by, key);
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/api-keys',
      tag,
      summary: 'List the API keys of all users',
      access: 'api_keys:manage',
      query: z.strictObject({
        user: userId.optional(),
        state: several(z.enum(KEY_STATES, { error: `must be one of ${KEY_STATES.join(', ')}.` })).meta({
          description: 'States. Several: any of them.',
        }),
        unusedDays: days
          .optional()
          .meta({ description: 'Only keys that were neither used nor made for so many days.' }),
        expires: flag.optional().meta({ description: 'Only keys that have an end, or only others.' }),
        ...page,
      }),
      answers: { 200: pageOf(keyShape) },
      handle: async ({ by, query: { limit, cursor, ...filter } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await apiKeyCommands.list(by, filter, { after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentKey) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/{id}/api-keys/{keyId}',
      tag,
      summary: 'Revoke an API key of a user for good',
      access: 'api_keys:manage',
      params: { id: 'user', keyId: 'api_key' },
      answers: { 204: 'nothing' },
      errors: ['self_change'],
      handle: async ({ by, params: { id: user, keyId: key } }) => {
        await apiKeyCommands.revoke(by, user, key);
        return { status: 204 };
      },
    }),
    onAll('disable', 'Stop all API keys of a user', apiKeyCommands.disableAll),
    onAll('enable', 'Let the stopped API keys of a user work again', apiKeyCommands.enableAll),
    onAll('revoke', 'Revoke all API keys of a user for good', apiKeyCommands.revokeAll),
  ];
}
