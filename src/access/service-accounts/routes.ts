import { z } from 'zod';
import { effectiveRole } from '../../directory/roles/authority.ts';
import { ROLES } from '../../directory/roles/rules/roles.ts';
import { userReference } from '../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import {
  days,
  idCursor,
  line,
  page,
  pageById,
  pageOf,
  readCursor,
  role,
  several,
  time,
  userId,
} from '../../rest/shapes.ts';
import { keyBody, keyShape, madeKeyShape, presentKey } from '../api-keys/routes.ts';
import type { ServiceAccountCommands } from './commands.ts';
import { rightsOf, type ServiceAccount } from './service-account.ts';

const accountShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    role: z.enum(ROLES),
    effectiveRole: z
      .enum(ROLES)
      .meta({ description: "The role, or the owner's where that is lower: an account never does more." }),
    status: z.enum(['active', 'inactive']),
    running: z
      .boolean()
      .meta({ description: 'Whether its keys work: the account and its owner are active.' }),
    owner: userReference
      .nullable()
      .meta({ description: 'Who answers for it; null once that user is deleted.' }),
    createdAt: time,
    updatedAt: time,
    version: z.int(),
  })
  .meta({ id: 'ServiceAccount' });

function presentAccount(account: ServiceAccount): z.input<typeof accountShape> {
  const { owner, ...rest } = account;
  const rights = rightsOf(account);
  return {
    ...rest,
    effectiveRole: effectiveRole(rights),
    running: rights.status === 'active',
    owner: owner === undefined ? null : { id: owner.id, name: owner.name, email: owner.email },
  };
}

const name = line;
const description = z.string().trim().max(2_000, 'must have 2,000 characters or fewer.').nullable();

/** Accounts of programs, and their keys. */
export function serviceAccountRoutes({
  serviceAccounts,
}: {
  readonly serviceAccounts: ServiceAccountCommands;
}): Route[] {
  const tag = 'Service accounts';
  const access = 'api_keys:manage';
  const params = { id: 'service_account' } as const;
  const answerAccount = async <Status extends 200 | 201>(
    status: Status,
    by: Parameters<ServiceAccountCommands['get']>[0],
    account: string,
  ): Promise<RouteAnswer<Status>> => {
    const found = await serviceAccounts.get(by, account);
    const headers = status === 201 ? { Location: `/api/v1/service-accounts/${account}` } : {};
    return { status, body: presentAccount(found), version: found.version, headers };
  };
  return [
    route({
      method: 'GET',
      path: '/service-accounts',
      tag,
      summary: 'List service accounts',
      access,
      query: z.strictObject({
        owner: userId.optional(),
        status: several(z.enum(['active', 'inactive'], { error: 'must be active or inactive.' })),
        unusedDays: days.optional().meta({
          description:
            'Only accounts that were made before so many days and of which no key was used or made since.',
        }),
        ...page,
      }),
      answers: { 200: pageOf(accountShape) },
      handle: async ({ by, query: { limit, cursor, ...filter } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await serviceAccounts.list(by, filter, { after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentAccount) };
      },
    }),
    route({
      method: 'POST',
      path: '/service-accounts',
      tag,
      summary: 'Create a service account',
      description:
        'An account of a program. It holds API keys, cannot sign in and is not a user. Its owner answers for it: it never does more than its role and the owner allow, and its keys stop while the owner is not active.',
      access,
      sessionOnly: true,
      body: z.strictObject({
        name,
        description: description.default(null),
        role: role.default('readonly'),
        ownerId: userId.optional().meta({ description: 'The user who answers for it; you, unless given.' }),
      }),
      etag: true,
      location: true,
      answers: { 201: accountShape },
      errors: ['role_above_limit', 'unknown_owner'],
      handle: async ({ by, body: { ownerId, ...fields } }) =>
        answerAccount(201, by, await serviceAccounts.create(by, { ...fields, owner: ownerId })),
    }),
    route({
      method: 'GET',
      path: '/service-accounts/{id}',
      tag,
      summary: 'Read a service account',
      access,
      params,
      etag: true,
      answers: { 200: accountShape },
      handle: ({ by, params: { id: account } }) => answerAccount(200, by, account),
    }),
    route({
      method: 'PATCH',
      path: '/service-accounts/{id}',
      tag,
      summary: 'Change a service account',
      description: 'With status inactive its keys stop until it is active again.',
      access,
      sessionOnly: true,
      params,
      body: z.strictObject({
        name: name.optional(),
        description: description.optional(),
        role: role.optional(),
        ownerId: userId.optional(),
        status: z.enum(['active', 'inactive'], { error: 'must be active or inactive.' }).optional(),
      }),
      etag: true,
      answers: { 200: accountShape },
      errors: ['role_above_limit', 'unknown_owner', 'version_mismatch'],
      handle: async ({ by, params: { id: account }, body: { ownerId, ...changes }, ifMatch }) => {
        await serviceAccounts.update(by, account, { ...changes, owner: ownerId }, ifMatch);
        return answerAccount(200, by, account);
      },
    }),
    route({
      method: 'DELETE',
      path: '/service-accounts/{id}',
      tag,
      summary: 'Delete a service account',
      description: 'Its keys are revoked for good.',
      access,
      sessionOnly: true,
      params,
      answers: { 204: 'nothing' },
      errors: ['version_mismatch'],
      handle: async ({ by, params: { id: account }, ifMatch }) => {
        await serviceAccounts.remove(by, account, ifMatch);
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/service-accounts/{id}/api-keys',
      tag,
      summary: 'List the API keys of a service account',
      access,
      params,
      query: z.strictObject(page),
      answers: { 200: pageOf(keyShape) },
      handle: async ({ by, params: { id: account }, query: { limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await serviceAccounts.keys(by, account, { after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentKey) };
      },
    }),
    route({
      method: 'POST',
      path: '/service-accounts/{id}/api-keys',
      tag,
      summary: 'Make an API key of a service account',
      description: 'The token is shown once.',
      access,
      sessionOnly: true,
      params,
      body: keyBody,
      answers: { 201: madeKeyShape },
      errors: [
        'invalid_scope',
        'in_the_past',
        'too_many',
        'target_inactive',
        'role_above_limit',
        'unknown_owner',
      ],
      handle: async ({ by, params: { id: account }, body: { name: called, scopes, expiresAt } }) => {
        const made = await serviceAccounts.createKey(by, account, { name: called, scopes, expiresAt });
        return { status: 201, body: { ...made, name: called, expiresAt: expiresAt ?? null } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/service-accounts/{id}/api-keys/{keyId}',
      tag,
      summary: 'Revoke an API key of a service account',
      access,
      sessionOnly: true,
      params: { id: 'service_account', keyId: 'api_key' },
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id: account, keyId } }) => {
        await serviceAccounts.revokeKey(by, account, keyId);
        return { status: 204 };
      },
    }),
  ];
}
