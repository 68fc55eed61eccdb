import { z } from 'zod';
import type { Authority } from '../../directory/roles/authority.ts';
import type { ScimConnectionCommands } from '../../provisioning/commands.ts';
import type { LogQueries } from '../../provisioning/log/queries.ts';
import type { ScimConnectionQueries } from '../../provisioning/queries.ts';
import type { SelfTest } from '../../provisioning/self-test/commands.ts';
import { selfTestBody, selfTestShape } from '../../provisioning/self-test/routes.ts';
import { type Route, route } from '../../rest/route.ts';
import { instant, time } from '../../rest/shapes.ts';
import { requireLink } from '../commands.ts';
import { checksOf } from '../rules.ts';

const connectionOf = (by: Authority) => requireLink(by, 'scim').connection;

const tokenShape = z.object({
  id: z.string(),
  last4: z.string().nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
});

const shape = z
  .object({
    name: z.string(),
    baseUrl: z.string().meta({
      description: 'What Okta calls SCIM connector base URL, and Entra ID Tenant URL.',
      example: 'https://id.acme.example/scim/v2',
    }),
    tokens: z.array(tokenShape),
  })
  .meta({ id: 'SetUpScim' });

const testShape = z
  .object({
    passed: z.boolean().meta({ description: 'Whether all checks passed.' }),
    checks: z.array(
      z.object({
        name: z.enum(['token', 'connected', 'accepted', 'users']),
        passed: z.boolean(),
        sentence: z.string(),
      }),
    ),
  })
  .meta({ id: 'SetUpScimTest' });

/** Requests that a test looks at. */
const LATEST = 20;

/** What the holder of a set-up link does with a connection for provisioning (R154). */
export function scimHolderRoutes({
  scimConnections,
  scimConnectionQueries: connections,
  provisioningLog,
  selfTest,
  publicUrl,
  now,
}: {
  readonly scimConnections: ScimConnectionCommands;
  readonly scimConnectionQueries: ScimConnectionQueries;
  readonly provisioningLog: LogQueries;
  readonly selfTest: SelfTest;
  readonly publicUrl: string;
  readonly now: () => Date;
}): Route[] {
  const shared = { tag: 'Set-up links', access: 'set-up link' } as const;
  const tokensOf = (by: Authority) =>
    connections.tokens(by, connectionOf(by), { after: undefined, limit: 50 });
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/set-up-link/scim',
      summary: 'Read what to enter at the provider for provisioning',
      answers: { 200: shape },
      handle: async ({ by }) => {
        const { name } = await connections.get(by, connectionOf(by));
        const body = { name, baseUrl: `${publicUrl}/scim/v2`, tokens: await tokensOf(by) };
        return { status: 200, body };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/scim/tokens',
      summary: 'Issue a token for the provider',
      description: 'Shown once. It stays when the link ends; an administrator revokes it.',
      body: z.strictObject({
        expiresAt: instant.optional().meta({ description: 'Without it, it holds until it is revoked.' }),
      }),
      answers: { 201: tokenShape.extend({ token: z.string() }) },
      errors: ['too_many', 'in_the_past', 'role_above_limit', 'step_up_required'],
      handle: async ({ by, body }) => {
        const { token, kept } = await scimConnections.issue(by, connectionOf(by), body.expiresAt);
        return { status: 201, body: { ...kept, token } };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/scim/test',
      summary: 'Test the provisioning',
      description: 'Looks at what the provider has done so far, and says what to do next.',
      answers: { 200: testShape },
      handle: async ({ by }) => {
        const connection = connectionOf(by);
        const at = now().toISOString();
        const created = { connection, method: 'POST', status: [200, 299] } as const;
        const [tokens, { requests }, creations] = await Promise.all([
          tokensOf(by),
          provisioningLog.search(by, { connection }, undefined, LATEST),
          provisioningLog.search(by, created, undefined, 1),
        ]);
        const checks = checksOf({
          hasCreated: creations.requests.length > 0,
          tokens: tokens.filter(
            ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > at),
          ),
          requests: requests.map(({ row: { status, method, detail } }) => ({
            status,
            method,
            problem: detail,
          })),
        });
        return { status: 200, body: { passed: checks.every(({ passed }) => passed), checks: [...checks] } };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/set-up-link/scim/self-test',
      summary: 'Run the self-test of the connection',
      description:
        'Answers what a provider sends for one made-up person and group, with the settings of the connection, and rolls it back, before the provider sends anything; and checks the address, the tokens and the limits.',
      body: selfTestBody,
      answers: { 200: selfTestShape },
      handle: async ({ by, body }) => ({
        status: 200,
        body: await selfTest(by, connectionOf(by), body.provider),
      }),
    }),
  ];
}
