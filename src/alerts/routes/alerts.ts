import { z } from 'zod';
import { presentUser, userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  id,
  idCursor,
  page,
  pageById,
  pageOf,
  presentWhole,
  readCursor,
  reason,
  several,
  time,
  wholeList,
} from '../../rest/shapes.ts';
import type { Alert, Alerts } from '../commands.ts';
import { ALERT_KINDS, ALERT_STATES, SEVERITIES } from '../rules/alert.ts';

const alertShape = z
  .object({
    id: z.string(),
    kind: z.enum(ALERT_KINDS),
    severity: z.enum(SEVERITIES),
    state: z.enum(ALERT_STATES),
    user: userReference.nullable(),
    connection: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
    target: z.object({ type: z.string(), id: z.string(), name: z.string().nullable() }).nullable().meta({
      description:
        'Of a sensitive action: what it made or changed, with the name of today; null for other alerts, and once it is deleted.',
    }),
    why: z.string(),
    comparedWith: z.string(),
    values: z.record(z.string(), z.unknown()),
    undo: z
      .object({
        connectionId: z.string(),
        from: time.meta({ description: 'When the changes began.' }),
        to: time.meta({ description: 'When they ended.' }),
      })
      .nullable()
      .meta({
        description: 'What to send to POST /undos to take a mass change back; null for other alerts.',
      }),
    openedAt: time,
    lastAt: time,
    occurrences: z.int(),
    note: z.string().nullable(),
    decidedBy: userReference.nullable(),
    decidedAt: time.nullable(),
    mayDecide: z.boolean().meta({
      description: 'False for an alert about yourself, unless you are the only administrator.',
    }),
  })
  .meta({ id: 'Alert' });

function presentAlert(alert: Alert): z.input<typeof alertShape> {
  const { why, comparedWith, ...values } = alert.detail;
  return {
    id: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    state: alert.state,
    user: alert.user === null ? null : presentUser(alert.user),
    connection: alert.connectionId === null ? null : { id: alert.connectionId, name: alert.connection },
    target:
      alert.target === undefined
        ? null
        : { type: alert.target.type, id: alert.target.id, name: alert.target.name },
    why,
    comparedWith,
    values,
    undo: undoOf(alert),
    openedAt: alert.openedAt,
    lastAt: alert.lastAt,
    occurrences: alert.occurrences,
    note: alert.note,
    decidedBy: alert.decider === null ? null : presentUser(alert.decider),
    decidedAt: alert.decidedAt,
    mayDecide: alert.mayDecide,
  };
}

/** What takes a mass change back, as POST /undos takes it. */
function undoOf({ connectionId, detail }: Alert) {
  const { undoFrom: from, undoTo: to } = detail;
  if (connectionId === null || typeof from !== 'string' || typeof to !== 'string') return null;
  return { connectionId, from, to };
}

/** What is unusual, and what administrators decide about it. */
export function alertRoutes({ alerts }: { readonly alerts: Alerts }): Route[] {
  const tag = 'Alerts';
  const access = 'alerts:manage';
  const params = { id: 'alert' } as const;
  return [
    route({
      method: 'GET',
      path: '/alerts',
      tag,
      summary: 'List alerts',
      description: 'The newest first.',
      access,
      query: z.strictObject({
        ...page,
        state: several(z.enum(ALERT_STATES)),
        kind: several(z.enum(ALERT_KINDS)),
        severity: several(z.enum(SEVERITIES)),
        user: id.optional(),
      }),
      answers: { 200: pageOf(alertShape) },
      handle: async ({ by, query: { limit, cursor, state, kind, severity, user } }) => {
        const filter = { states: state, kinds: kind, severities: severity, user };
        const place = { after: readCursor(cursor, idCursor), limit: limit + 1 };
        return { status: 200, body: pageById(await alerts.list(by, filter, place), limit, presentAlert) };
      },
    }),
    route({
      method: 'GET',
      path: '/alerts/counts',
      tag,
      summary: 'Count the open alerts by severity, and all by state',
      access,
      answers: {
        200: wholeList(z.object({ severity: z.enum(SEVERITIES), alerts: z.int() }))
          .extend({
            states: z
              .array(
                z.object({
                  state: z.enum(ALERT_STATES),
                  alerts: z.int().meta({ description: 'How many are in this state.', example: 12 }),
                  isAtLeast: z.boolean().meta({ description: 'Whether there are more: 1,000 are counted.' }),
                }),
              )
              .meta({ description: 'Alerts of all severities by their state.' }),
          })
          .meta({ id: 'AlertCounts' }),
      },
      handle: async ({ by }) => {
        const [counts, states] = await Promise.all([alerts.counts(by), alerts.countsByState(by)]);
        const data = SEVERITIES.map((severity) => ({ severity, alerts: counts.get(severity) ?? 0 }));
        return { status: 200, body: { ...presentWhole(data), states: [...states] } };
      },
    }),
    route({
      method: 'GET',
      path: '/alerts/{id}',
      tag,
      summary: 'Read an alert',
      access,
      params,
      answers: { 200: alertShape },
      handle: async ({ by, params: { id: alert } }) => ({
        status: 200,
        body: presentAlert(await alerts.get(by, alert)),
      }),
    }),
    route({
      method: 'PATCH',
      path: '/alerts/{id}',
      tag,
      summary: 'Decide about an alert',
      description:
        'false_positive marks it as not suspicious: the same finding for the same user or connection opens no further alert until the decision changes. An alert about yourself must be decided by another administrator, if the organization has one.',
      access,
      params,
      errors: ['self_change'],
      body: z.strictObject({ state: z.enum(ALERT_STATES), note: reason.optional() }),
      answers: { 200: alertShape },
      handle: async ({ by, params: { id: alert }, body: { state, note } }) => {
        await alerts.decide(by, alert, state, note);
        return { status: 200, body: presentAlert(await alerts.get(by, alert)) };
      },
    }),
  ];
}
