import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
import type { NotificationPreferences, OwnNotifications } from './preferences.ts';
import { FREQUENCIES, TOPIC_DECLARATIONS, TOPICS, type Topic } from './topics.ts';

const frequency = z.enum(FREQUENCIES);

const notificationsShape = z
  .object({
    digestHour: z.int(),
    digestTimeZone: z.string(),
    topics: z.array(
      z.object({
        topic: z.enum(TOPICS),
        title: z.string().meta({ description: 'The topic in words.', example: 'Mass changes' }),
        description: z.string().meta({
          description: 'What one is told.',
          example: 'A connection takes access from many users at once, or such a change is held.',
        }),
        frequency: frequency.meta({ description: 'How often you are told.', example: 'at_once' }),
        default: frequency.meta({ description: 'How often without a choice of yours.', example: 'at_once' }),
        chosen: z.boolean(),
        allowed: z.array(frequency),
        webhookEvents: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'Notifications' });

function presentNotifications({ topics, ...digest }: OwnNotifications): z.input<typeof notificationsShape> {
  return {
    ...digest,
    topics: topics.map(({ topic, frequency, default: usual, isChosen, allowed }) => {
      const { title, description, events } = TOPIC_DECLARATIONS[topic];
      return {
        topic,
        title,
        description,
        frequency,
        default: usual,
        chosen: isChosen,
        allowed: [...allowed],
        webhookEvents: [...events],
      };
    }),
  };
}

/** What one is told of by mail, and how often. */
export function notificationRoutes({
  preferences,
}: {
  readonly preferences: NotificationPreferences;
}): Route[] {
  const tag = 'Me';
  return [
    route({
      method: 'GET',
      path: '/me/notifications',
      tag,
      summary: 'Show your notification settings',
      description: 'The topics that your rights reach.',
      access: 'signed in',
      answers: { 200: notificationsShape },
      handle: async ({ by }) => ({ status: 200, body: presentNotifications(await preferences.own(by)) }),
    }),
    route({
      method: 'PUT',
      path: '/me/notifications',
      tag,
      summary: 'Change your notification settings',
      description: 'Topics that are left out stay as they are; null takes a choice back.',
      access: 'signed in',
      sessionOnly: true,
      body: z.strictObject({
        topics: z.partialRecord(z.enum(TOPICS), frequency.nullable()).meta({
          description: 'How often, by topic; null is the default.',
          example: { alert: 'off', expiring: 'daily' },
        }),
      }),
      answers: { 200: notificationsShape },
      errors: ['frequency_not_allowed'],
      handle: async ({ by, body: { topics } }) => {
        const choices = Object.entries(topics) as [Topic, (typeof FREQUENCIES)[number] | null][];
        await preferences.choose(by, new Map(choices));
        return { status: 200, body: presentNotifications(await preferences.own(by)) };
      },
    }),
  ];
}
