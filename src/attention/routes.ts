import { z } from 'zod';
import { SEVERITIES } from '../alerts/rules/alert.ts';
import { type Route, route } from '../rest/route.ts';
import { time } from '../rest/shapes.ts';
import type { AttentionQueries } from './queries.ts';
import { ATTENTION_ACTS, ATTENTION_KINDS, TARGET_TYPES } from './rules/item.ts';

const itemShape = z
  .object({
    kind: z.enum(ATTENTION_KINDS).meta({ description: 'What needs attention.' }),
    severity: z.enum(SEVERITIES),
    title: z.string().meta({
      description: 'What is wrong, in one sentence.',
      example: 'Okta: 14 requests failed since 27 November 2026 at 13:47 UTC',
    }),
    detail: z.string().meta({
      description: 'What it means and what to do.',
      example: 'Another user of this organization has the same userName.',
    }),
    at: time.nullable().meta({ description: 'When it happened or began; null without such a time.' }),
    dueAt: time.nullable().meta({ description: 'When it is due or ends; null without such a time.' }),
    count: z.int().nullable().meta({ description: 'How many; null where nothing is counted.', example: 14 }),
    isAtLeast: z.boolean().meta({ description: 'Whether there are more than count.' }),
    target: z
      .object({ type: z.enum(TARGET_TYPES), id: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'What it is about; null for several or the organization.' }),
    act: z.enum(ATTENTION_ACTS).meta({ description: 'What solves it: a key that stays.' }),
  })
  .meta({ id: 'AttentionItem' });

const attentionShape = z.object({
  items: z.array(itemShape).meta({ description: 'The most urgent first.' }),
  workingNormally: z
    .object({
      connections: z
        .array(
          z.object({
            id: z.string(),
            name: z.string(),
            type: z.enum(['scim', 'sso']),
            lastUsedAt: time.nullable(),
          }),
        )
        .nullable()
        .meta({ description: 'Connections that no item is about; null if you may not see connections.' }),
      seal: z
        .object({
          number: z.int().meta({ description: 'The number of the seal.', example: 48_211 }),
          sealedAt: time.meta({ description: 'When it was made.' }),
          lastEventAt: time.meta({ description: 'When the last event happened that it covers.' }),
        })
        .nullable()
        .meta({
          description: 'The newest seal of the audit trail; null before the first, or if you may not see it.',
        }),
      jobs: z
        .object({
          waiting: z.int().meta({ description: 'Jobs that wait or run.', example: 0 }),
          isAtLeast: z.boolean().meta({ description: 'Whether there are more than waiting.' }),
          dead: z.int().meta({ description: 'Jobs that failed for good.', example: 0 }),
        })
        .nullable()
        .meta({ description: 'Null if you may not see jobs.' }),
    })
    .meta({ description: 'What works, as far as you may see it.' }),
});

/** What needs attention, for the first page of a console. */
export function attentionRoutes({ attention }: { readonly attention: AttentionQueries }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/attention',
      tag: 'Attention',
      summary: 'Show what needs attention',
      description:
        'Alerts, failing and silent connections, reviews, what expires, invitations, inactive people, jobs, webhooks and audit streams: of each what your permissions let you see. Counts stop at 1,000.',
      access: 'signed in',
      answers: { 200: attentionShape },
      handle: async ({ by }) => ({ status: 200, body: await attention.get(by) }),
    }),
  ];
}
