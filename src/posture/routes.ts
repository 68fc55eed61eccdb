import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
import { time } from '../rest/shapes.ts';
import type { PostureQueries } from './queries.ts';
import { FIGURES } from './rules/figures.ts';

const percent = z.number().nullable().meta({
  description: 'Percent of the active people; null for what is no share of people, or is not known.',
  example: 4.2,
});

const figureShape = z
  .object({
    key: z.enum(FIGURES).meta({ description: 'What is counted.' }),
    count: z.int().nullable().meta({ description: 'How many; null if counting took too long.', example: 4 }),
    percent,
    limit: z.int().meta({ description: 'The most that is fine (setting postureLimits).', example: 10 }),
    isPercent: z.boolean().meta({ description: 'Whether the limit is a percentage.' }),
    warning: z
      .string()
      .nullable()
      .meta({ description: 'What is wrong and what to do, where the limit is passed; else null.' }),
    notCounted: z
      .string()
      .nullable()
      .meta({ description: 'What is not known, and so not compared with the limit; null where all is.' }),
    previous: z
      .object({ count: z.int().meta({ description: 'How many there were.', example: 3 }), percent })
      .nullable()
      .meta({ description: 'Thirty days before; null where history does not know it.' }),
  })
  .meta({ id: 'PostureFigure' });

/** Who has much power, and what is left open (R135). */
export function postureRoutes({ posture }: { readonly posture: PostureQueries }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/posture',
      tag: 'Attention',
      summary: 'Show the posture of the organization',
      description:
        'Owners, admins, people without a second factor, inactive people, unused keys and others, with a warning where a limit is passed. What is not counted in time is null and says so. Roles are compared with those of thirty days before. Figures of keys need api_keys:manage.',
      access: 'users:read',
      answers: {
        200: z.object({
          at: time.meta({ description: 'When it was counted.' }),
          activePeople: z
            .int()
            .nullable()
            .meta({ description: 'All active people; null if counting took too long.', example: 1_284 }),
          figures: z.array(figureShape).meta({ description: 'What was counted.' }),
          previous: z
            .object({
              at: time.meta({ description: 'The moment that roles are compared with.' }),
              activePeople: z.int().nullable().meta({
                description: 'Active people at that moment; null if reading history took too long.',
                example: 1_260,
              }),
            })
            .nullable()
            .meta({ description: 'Null where history does not reach so far back.' }),
        }),
      },
      handle: async ({ by }) => ({ status: 200, body: await posture.get(by) }),
    }),
  ];
}
