import { z } from 'zod';
import { HOUR_MS } from '../../platform/time.ts';
import { type Route, route } from '../../rest/route.ts';
import { time } from '../../rest/shapes.ts';
import type { ConnectionHealth, ScimConnectionQueries } from '../queries.ts';

const healthShape = z
  .object({
    lastRequestAt: time
      .nullable()
      .meta({ description: 'When the identity provider last sent a request; null if it never did.' }),
    requests: z.int().meta({
      description: 'Requests of the last 24 hours; no more than 20,000 are counted.',
      example: 412,
    }),
    failed: z.int().meta({ description: 'Those of them that were answered with an error.', example: 14 }),
    changed: z.int().meta({ description: 'Those of them that changed something.', example: 58 }),
    hours: z
      .array(
        z.object({
          start: time.meta({ description: 'When the hour began.' }),
          requests: z.int().meta({ description: 'Requests of the hour.', example: 31 }),
          failed: z
            .int()
            .meta({ description: 'Those of them that were answered with an error.', example: 2 }),
        }),
      )
      .meta({ description: 'The same by the hour: 24 hours, the oldest first, the last has just begun.' }),
    failingSince: time.nullable().meta({
      description:
        'Since when every request has failed, three or more in a row; null otherwise. A user who is not there (404), a name that is taken (409) and an old version (412) are answers, not failures.',
      example: null,
    }),
    silent: z.boolean().meta({
      description: 'Whether it has sent no request for as long as the alert rule silent_connection says.',
      example: false,
    }),
    users: z.int().meta({ description: 'Users that it provisions.', example: 1102 }),
    groups: z.int().meta({ description: 'Groups that it provisions.', example: 46 }),
    tokensEndAt: time.nullable().meta({
      description: 'When the last of its tokens ends; null if one of them does not end, or there is none.',
    }),
  })
  .meta({ id: 'ScimHealth' });

function presentHealth(health: ConnectionHealth, now: Date): z.input<typeof healthShape> {
  const { lastRequestAt: last, silentAfterHours: limit } = health;
  const silent = last !== null && limit !== null && now.getTime() - Date.parse(last) > limit * HOUR_MS;
  return { ...health, hours: [...health.hours], silent };
}

/** How SCIM connections are doing. */
export function scimHealthRoutes({
  scimConnectionQueries,
  now,
}: {
  readonly scimConnectionQueries: ScimConnectionQueries;
  readonly now: () => Date;
}): Route[] {
  return [
    route({
      tag: 'SCIM',
      access: 'scim:manage',
      method: 'GET',
      path: '/scim/connections/{id}/health',
      summary: 'Read how a connection is doing',
      description: 'Counted from the provisioning log: a request is in it about a second after its answer.',
      params: { id: 'scim_connection' },
      answers: { 200: healthShape },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentHealth(await scimConnectionQueries.health(by, id), now()),
      }),
    }),
  ];
}
