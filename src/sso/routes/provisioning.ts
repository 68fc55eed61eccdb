import { z } from 'zod';
import { presentRoleReport, roleReportShape } from '../../rest/role-report.ts';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import type { SsoAdministration } from '../administration/administration.ts';
import { provisioningShape } from '../settings.ts';

type StoredProvisioning = Awaited<ReturnType<SsoAdministration['provisioning']['get']>>;

export const provisioningBody = z.strictObject(provisioningShape.shape).meta({ id: 'SsoProvisioning' });

const answer = ({ provisioning, version }: StoredProvisioning): RouteAnswer<200> => ({
  status: 200,
  body: provisioning,
  version,
});

/** Auto-provisioning (R41 to R47). There is no feature to switch on first (R55). */
export function ssoProvisioningRoutes({ sso }: { readonly sso: SsoAdministration }): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  const params = { id: 'sso_connection' } as const;
  const path = '/sso/connections/{id}/jit';
  return [
    route({
      method: 'GET',
      path,
      tag,
      summary: 'Read how users are provisioned at their first sign-in',
      access,
      params,
      etag: true,
      answers: { 200: provisioningBody },
      handle: async ({ by, params: { id } }) => answer(await sso.provisioning.get(by, id)),
    }),
    route({
      method: 'PUT',
      path,
      tag,
      summary: 'Set how users are provisioned at their first sign-in',
      description:
        'Holds from the next sign-in on. What is left out is as it was at first. No role may be above those that you may assign.',
      access,
      params,
      body: provisioningBody,
      etag: true,
      answers: { 200: provisioningBody },
      errors: ['role_above_limit', 'invalid_domain', 'public_domain', 'version_mismatch'],
      handle: async ({ by, params: { id }, body, ifMatch }) =>
        answer(await sso.provisioning.put(by, id, body, ifMatch)),
    }),
    route({
      method: 'POST',
      path: `${path}/dry-run`,
      tag,
      summary: 'Show whose role other provisioning settings would change',
      description:
        'Decides as saving them and the next sign-in of each user would, by the groups that their last remembered sign-in brought, and changes nothing.',
      access,
      params,
      body: provisioningBody,
      answers: {
        200: roleReportShape
          .extend({
            users: z.int().meta({ description: 'Users whose last sign-in is remembered.', example: 120 }),
            unknown: z.int().meta({
              description: 'Of those the ones whose groups under these settings are not known yet.',
              example: 0,
            }),
          })
          .meta({ id: 'SsoProvisioningPreview' }),
      },
      errors: ['role_above_limit', 'invalid_domain', 'public_domain', 'version_mismatch'],
      handle: async ({ by, params: { id }, body, ifMatch }) => ({
        status: 200,
        body: presentRoleReport(await sso.previewProvisioning(by, id, body, ifMatch)),
      }),
    }),
  ];
}
