import { isIP } from 'node:net';
import { z } from 'zod';
import { partyShape } from '../../audit/routes/events.ts';
import { location } from '../../rest/references.ts';
import { email, id, instant, several, time, userId } from '../../rest/shapes.ts';
import { averageResponse, type Figures } from '../activity-event.ts';
import { APPLICATION } from '../log.ts';

/** Shapes of activity: what applications report, and what the log and the charts show. */

const MOST_EVENTS = 500;
/** Ten days: no answer takes longer, and a sum of them stays a number. */
const MOST_MS = 864_000_000;

const label = (most: number) => z.string().trim().min(1, 'must not be empty.').max(most);
const TYPE_SAYS = 'must be a word in lower case, such as query or resource_access.';

const reportedEvent = z
  .strictObject({
    id: id.meta({
      description: 'The application’s own: an event that comes again under it is counted once.',
    }),
    type: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,59}$/, TYPE_SAYS)
      .meta({ description: 'query for what dashboards count as queries; else a word of your own.' }),
    at: instant.meta({ description: 'When it happened; five minutes ahead at most.' }),
    userId: userId.optional().meta({ description: 'Who did it; or email.' }),
    email: email.optional().meta({ description: 'Instead of userId: the address with which they sign in.' }),
    agent: label(200).optional().meta({ description: 'What the agent is called.' }),
    responseMs: z
      .int()
      .min(0)
      .max(MOST_MS)
      .optional()
      .meta({ description: 'How long the answer took, in milliseconds.' }),
    resource: label(200).optional().meta({ description: 'What was accessed.' }),
    resourceTags: z
      .array(label(50))
      .max(20)
      .optional()
      .meta({ description: 'Tags of the resource, such as finance or sensitive.' }),
    ip: z
      .string()
      .refine((text) => isIP(text) !== 0 && !text.includes('%'), 'must be an IP address.')
      .optional()
      .meta({ description: 'Where the user acted from.' }),
    userAgent: label(500).optional().meta({ description: 'The user’s browser or client.' }),
  })
  .refine((event) => (event.userId === undefined) !== (event.email === undefined), {
    path: ['userId'],
    message: 'must be given, or email, and not both.',
  })
  .meta({ id: 'ReportedActivity' });

export const reportShape = z.strictObject({
  events: z
    .array(reportedEvent)
    .min(1)
    .max(MOST_EVENTS, `must have at most ${MOST_EVENTS} entries: send more batches.`)
    .meta({ description: 'What users did, in any order.' }),
});

export const reportedShape = z
  .object({
    accepted: z.int().meta({ description: 'Events that were stored.' }),
    duplicates: z.int().meta({ description: 'Events that were stored before, by their id.' }),
  })
  .meta({ id: 'ActivityReport' });

const shown = <Value extends z.ZodType, More extends z.ZodRawShape>(id: string, value: Value, more: More) =>
  z
    .object({
      value: value.nullable(),
      window: z.string().meta({ description: 'The window that the value is of.' }),
      text: z.string().meta({ description: 'The value in words; – for none.' }),
      ...more,
    })
    .meta({ id });

export const dashboardShape = z
  .object({
    user: z.object({ id: z.string(), name: z.string().nullable(), email: z.string() }),
    window: z.string().meta({ description: 'The window that was asked for; it ends now.' }),
    from: time,
    to: time,
    lastLogin: z.object({
      at: time.nullable(),
      text: z.string().meta({ description: 'Relative: 2 hours ago, or never.' }),
    }),
    queries: shown('DashboardCount', z.int(), {
      previous: z.int().meta({ description: 'Queries of as long a window just before.', example: 38 }),
    }),
    mostUsedAgent: shown('DashboardAgent', z.string(), {
      queries: z.int().nullable().meta({ description: 'How many it was asked in its window.', example: 31 }),
    }).meta({
      description: 'The agent with the most queries; of the last 30 days if the window has none.',
    }),
    averageResponseMs: shown('DashboardTime', z.int(), {
      month: z
        .int()
        .nullable()
        .meta({ description: 'The mean of the last 30 days, in milliseconds.', example: 1_900 }),
    }).meta({
      description: 'The mean response time; of the last 30 days if the window has none.',
    }),
    failedAuth: shown('DashboardFailures', z.int(), {}).meta({
      description: 'Failed sign-ins of the last 24 hours.',
    }),
    status: z.object({
      value: z.enum(['active', 'inactive', 'pending', 'deleted']),
      locked: z.boolean(),
      text: z.string().meta({ description: 'Active ✅ and others.' }),
    }),
    text: z.string().meta({ description: 'The whole dashboard in words, one line each.' }),
  })
  .meta({ id: 'ActivityDashboard' });

export const entryShape = z
  .object({
    id: z.string(),
    at: time,
    source: z.string().meta({
      description:
        'application for what an application reported; of audit events how they were done: api, scim, sso, sign_in, invitation, cli or schedule.',
    }),
    type: z.string().meta({ description: 'The type of an activity event, or the name of an audit event.' }),
    outcome: z.enum(['success', 'failure']),
    sentence: z.string().meta({ description: 'The entry in words, with the names of today.' }),
    actor: partyShape,
    target: partyShape.nullable().meta({ description: 'What it was done to; null for activity events.' }),
    agent: z.string().nullable(),
    resource: z.string().nullable(),
    resourceTags: z.array(z.string()),
    responseMs: z.int().nullable(),
    ip: z.string().nullable(),
    location,
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'ActivityEntry' });

const logType = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(\.([a-z0-9_]+|\*))?$/, 'must be a type such as query, user.created or user.*.');

/** What the log is searched by. */
export const logQuery = {
  from: instant.optional().meta({ description: 'Not before this time.' }),
  to: instant.optional().meta({ description: 'Before this time.' }),
  type: several(logType).meta({
    description: 'Types of activity events, names of audit events, or all of a noun (user.*): any of them.',
  }),
  source: z
    .enum([APPLICATION, 'api', 'scim', 'sso', 'sign_in', 'invitation', 'cli', 'schedule'])
    .optional()
    .meta({ description: 'What applications reported, or how audit events were done.' }),
};

export const someUsers = {
  user: several(userId).meta({ description: 'Only what these users did and what was done to them.' }),
};

const position = <Place extends z.ZodType>(place: Place) => z.union([place, z.literal('end')]).optional();
/** Where a log goes on. */
export const logCursor = z.object({
  activity: position(z.object({ at: z.iso.datetime(), id: z.uuid() })),
  audit: position(z.uuid()),
});

const figuresShape = {
  events: z.int().meta({ description: 'All events.' }),
  queries: z.int().meta({ description: 'Those of type query.' }),
  averageResponseMs: z.int().nullable().meta({ description: 'Null where no event had a response time.' }),
};

/** @returns what figures are on the wire */
export const presentFigures = (figures: Figures) => ({
  events: figures.events,
  queries: figures.queries,
  averageResponseMs: averageResponse(figures) ?? null,
});

export const bucketShape = z
  .object({
    start: z.string().meta({ description: 'The day, or when the hour begins.' }),
    ...figuresShape,
    usual: z
      .object({
        low: z.int().meta({ description: 'The 10th percentile.', example: 18 }),
        high: z.int().meta({ description: 'The 90th percentile.', example: 41 }),
      })
      .nullable()
      .meta({
        description:
          'Between which numbers queries usually are: of the four weeks before, the same hour of the day, one hour more or less, or the day, on days of the same kind (Monday to Friday or not). Null where fewer than two weeks are known.',
      }),
  })
  .meta({ id: 'ActivityBucket' });

export const topShape = z
  .object({
    key: z.string().meta({ description: 'The agent, the resource or the id of the user.' }),
    name: z.string().nullable().meta({ description: 'What the user is called; of others the key.' }),
    email: z.string().nullable().meta({ description: 'Only users have one.' }),
    ...figuresShape,
  })
  .meta({ id: 'ActivityTop' });
