import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
import { idCursor, page, pageBy, pageOf, presentWhole, readCursor, time, wholeList } from '../rest/shapes.ts';
import type { WebhookCommands } from './commands.ts';
import type { Delivery, DeliveryLog, Webhook } from './delivery-log.ts';
import { WEBHOOK_EVENTS, type WebhookEvent } from './rules/subscriptions.ts';

const webhookShape = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    disabledAt: time.nullable(),
    disabledReason: z.string().nullable(),
    failedAt: time.nullable().meta({ description: 'The last failure; null after a success.' }),
    previousSecretUntil: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'Webhook' });

const deliveryShape = z.object({
  id: z.string().meta({ description: 'The id of the event, as in webhook-id.' }),
  type: z.string(),
  eventAt: time,
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  attemptedAt: time.nullable(),
  deliveredAt: time.nullable(),
  dueAt: time.nullable(),
  lastStatus: z.int().nullable(),
  lastError: z.string().nullable(),
});

const presentWebhook = ({ previousUntil, ...webhook }: Webhook): z.input<typeof webhookShape> => ({
  ...webhook,
  enabled: webhook.disabledAt === null,
  previousSecretUntil: previousUntil,
});

const presentDelivery = (delivery: Delivery): z.input<typeof deliveryShape> => ({
  ...delivery,
  id: delivery.eventId,
});

const url = z.string().trim().min(1).max(2_000);
const events = z
  .array(z.enum(WEBHOOK_EVENTS, { error: 'must be the name of an event, permissions.changed, or *.' }))
  .min(1, 'Name at least one event, or *.')
  .max(200);
const secret = z.string().meta({ description: 'Shown this once.' });

export interface WebhookRouteDependencies {
  readonly webhooks: WebhookCommands;
  readonly deliveryLog: DeliveryLog;
}

/** Where events are sent (Standard Webhooks 1.0), and what became of it. */
export function webhookRoutes({ webhooks, deliveryLog }: WebhookRouteDependencies): Route[] {
  const tag = 'Webhooks';
  const access = 'webhooks:manage';
  const params = { id: 'webhook' } as const;
  return [
    route({
      method: 'GET',
      path: '/webhooks',
      tag,
      summary: 'List webhooks',
      access,
      answers: { 200: wholeList(webhookShape) },
      handle: async ({ by }) => ({
        status: 200,
        body: presentWhole((await deliveryLog.webhooks(by)).map(presentWebhook)),
      }),
    }),
    route({
      method: 'POST',
      path: '/webhooks',
      tag,
      summary: 'Add a webhook',
      access,
      body: z.strictObject({ url, events }),
      answers: { 201: z.object({ webhook: webhookShape, secret }) },
      errors: ['invalid_address', 'too_many'],
      handle: async ({ by, body }) => {
        const made = await webhooks.create(by, { url: body.url, events: body.events as WebhookEvent[] });
        return { status: 201, body: { webhook: presentWebhook(made.webhook), secret: made.secret } };
      },
    }),
    route({
      method: 'GET',
      path: '/webhooks/{id}',
      tag,
      summary: 'Read a webhook',
      access,
      params,
      answers: { 200: webhookShape },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentWebhook(await deliveryLog.webhook(by, id)),
      }),
    }),
    route({
      method: 'PATCH',
      path: '/webhooks/{id}',
      tag,
      summary: 'Change, enable or disable a webhook',
      access,
      params,
      body: z.strictObject({
        url: url.optional(),
        events: events.optional(),
        enabled: z.boolean().optional(),
      }),
      answers: { 200: webhookShape },
      errors: ['invalid_address'],
      handle: async ({ by, params: { id }, body }) => {
        const words = {
          url: body.url,
          events: body.events as WebhookEvent[] | undefined,
          enabled: body.enabled,
        };
        return { status: 200, body: presentWebhook(await webhooks.update(by, id, words)) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/webhooks/{id}',
      tag,
      summary: 'Remove a webhook',
      access,
      params,
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id } }) => {
        await webhooks.remove(by, id);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/{id}/rotate',
      tag,
      summary: 'Give a webhook another secret',
      description: 'The one before signs along for 24 hours.',
      access,
      params,
      answers: { 200: z.object({ secret, previousUntil: time }) },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: await webhooks.rotate(by, id),
      }),
    }),
    route({
      method: 'POST',
      path: '/webhooks/{id}/test',
      tag,
      summary: 'Send a test event',
      access,
      params,
      answers: { 202: z.object({ deliveryId: z.string() }) },
      errors: ['conflict', 'demonstration'],
      handle: async ({ by, params: { id } }) => ({
        status: 202,
        body: { deliveryId: await webhooks.test(by, id) },
      }),
    }),
    route({
      method: 'GET',
      path: '/webhooks/{id}/deliveries',
      tag,
      summary: 'List what was sent',
      access,
      params,
      query: z.strictObject({ state: z.enum(['waiting', 'delivered', 'failed']).optional(), ...page }),
      answers: { 200: pageOf(deliveryShape) },
      handle: async ({ by, params: { id }, query: { state, limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await deliveryLog.deliveries(by, id, { state, after, limit: limit + 1 });
        return { status: 200, body: pageBy(rows, limit, presentDelivery, ({ eventId }) => eventId) };
      },
    }),
    route({
      method: 'GET',
      path: '/webhooks/{id}/deliveries/{delivery}',
      tag,
      summary: 'Read a delivery with the body that is sent',
      access,
      params: { id: 'webhook', delivery: 'delivery' },
      answers: {
        200: deliveryShape.extend({
          body: z
            .string()
            .nullable()
            .meta({ description: 'The signed text, byte by byte; null once the event has been deleted.' }),
        }),
      },
      handle: async ({ by, params: { id, delivery } }) => {
        const { body, ...row } = await deliveryLog.delivery(by, id, delivery);
        return { status: 200, body: { ...presentDelivery(row), body: body ?? null } };
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/{id}/deliveries/{delivery}/retry',
      tag,
      summary: 'Send a delivery again',
      access,
      params: { id: 'webhook', delivery: 'delivery' },
      answers: { 202: deliveryShape },
      errors: ['conflict', 'demonstration'],
      handle: async ({ by, params: { id, delivery } }) => ({
        status: 202,
        body: presentDelivery(await deliveryLog.replay(by, id, delivery)),
      }),
    }),
  ];
}
