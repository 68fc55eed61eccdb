import { z } from 'zod';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Locate } from '../../platform/locations/location.ts';
import { downloadHeaders } from '../../rest/download.ts';
import { type Route, route } from '../../rest/route.ts';
import { page, pageOf, presentWhole, readCursor, wholeList, writeCursor } from '../../rest/shapes.ts';
import { TOP_KINDS } from '../activity-event.ts';
import { ACTIVITY_FORMATS, type ActivityExport } from '../export.ts';
import type { LogCursor, LogPage } from '../log.ts';
import { presentEntry } from '../present.ts';
import { type ActivityQueries, type ComparedBucket, NEWEST } from '../queries.ts';
import { isTimeZone } from '../rules/buckets.ts';
import { WINDOWS, type Window } from '../rules/dashboard.ts';
import {
  bucketShape,
  dashboardShape,
  entryShape,
  logCursor,
  logQuery,
  presentFigures,
  someUsers,
  topShape,
} from './shapes.ts';

type LogQuery = z.output<z.ZodObject<typeof logQuery>>;

const searchOf = ({ from, to, type, source }: LogQuery) => ({ from, to, types: type, source });

const placeOf = (cursor: string | undefined): LogCursor => {
  const place = readCursor(cursor, logCursor);
  return place === undefined ? NEWEST : { activity: place.activity, audit: place.audit };
};

const presentLog = (by: Authority, { entries, next }: LogPage, locate: Locate) => ({
  data: entries.map((entry) => presentEntry(by, entry, locate)),
  nextCursor: writeCursor(next),
});

const seriesQuery = z.strictObject({
  bucket: z.enum(['hour', 'day']).default('hour').meta({ description: 'How long a bucket is.' }),
  timeZone: z
    .string()
    .max(60)
    .refine(isTimeZone, 'must be a time zone such as Europe/Zurich.')
    .default('UTC')
    .meta({ description: 'In which days begin.' }),
  from: logQuery.from,
  to: logQuery.to,
});

const LOG = 'What applications reported, and the events of the audit trail';
const GO_ON =
  'The newest first. A page may hold fewer entries than asked for and still have a nextCursor: go on with it.';

/** The dashboard, the log and the charts of activity. */
export function activityRoutes({
  activity,
  activityExport,
  locate,
  now,
}: {
  readonly activity: ActivityQueries;
  readonly activityExport: ActivityExport;
  readonly locate: Locate;
  readonly now: () => Date;
}): Route[] {
  const tag = 'Activity';
  const access = 'activity:read';
  return [
    route({
      method: 'GET',
      path: '/users/{id}/activity/summary',
      tag,
      summary: 'Read the activity dashboard of a user',
      description:
        'Last login, queries, most used agent, mean response time, failed sign-ins and status, as data and in words. Without queries in the window, agent and response time are of the last 30 days.',
      access,
      params: { id: 'user' },
      query: z.strictObject({
        window: z
          .enum(Object.keys(WINDOWS) as [Window, ...Window[]])
          .default('24h')
          .meta({ description: 'How far back from now.' }),
      }),
      answers: { 200: dashboardShape },
      handle: async ({ by, params: { id }, query: { window } }) => {
        const { user, from, to, dashboard } = await activity.dashboard(by, id, window);
        const { name = null, email } = user;
        return { status: 200, body: { user: { id, name, email }, window, from, to, ...dashboard } };
      },
    }),
    route({
      method: 'GET',
      path: '/users/{id}/activity',
      tag,
      summary: 'Read the activity log of a user',
      description: `${LOG} about the user. ${GO_ON}`,
      access,
      params: { id: 'user' },
      query: z.strictObject({ ...page, ...logQuery }),
      answers: { 200: pageOf(entryShape) },
      handle: async ({ by, params: { id }, query: { limit, cursor, ...query } }) => {
        const found = await activity.logOfUser(by, id, searchOf(query), placeOf(cursor), limit);
        return { status: 200, body: presentLog(by, found, locate) };
      },
    }),
    route({
      method: 'GET',
      path: '/users/{id}/activity/series',
      tag,
      summary: 'Read a chart of the activity of a user',
      description:
        'Figures by the hour (31 days at most; the last day by default) or by the day (400 days at most; the last 30 days by default), also empty ones. An hour belongs to the day in which it begins. Each has what is usual for it.',
      access,
      params: { id: 'user' },
      query: seriesQuery,
      answers: { 200: wholeList(bucketShape) },
      errors: ['too_long'],
      handle: async ({ by, params: { id }, query: { bucket, ...query } }) => {
        const buckets = await activity.seriesOfUser(by, id, { size: bucket, ...spanOf(query) });
        return { status: 200, body: presentWhole(buckets.map(presentBucket)) };
      },
    }),
    route({
      method: 'GET',
      path: '/activity',
      tag,
      summary: 'Read the activity log',
      description: `${LOG}, of all users that the caller may see. ${GO_ON}`,
      access,
      query: z.strictObject({ ...page, ...logQuery, ...someUsers }),
      answers: { 200: pageOf(entryShape) },
      handle: async ({ by, query: { limit, cursor, user, ...query } }) => {
        const search = { ...searchOf(query), users: user };
        return {
          status: 200,
          body: presentLog(by, await activity.log(by, search, placeOf(cursor), limit), locate),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/activity/series',
      tag,
      summary: 'Read a chart of activity',
      description: 'As that of one user, of all users that the caller may see.',
      access,
      query: seriesQuery,
      answers: { 200: wholeList(bucketShape) },
      errors: ['too_long'],
      handle: async ({ by, query: { bucket, ...query } }) => {
        const buckets = await activity.series(by, { size: bucket, ...spanOf(query) });
        return { status: 200, body: presentWhole(buckets.map(presentBucket)) };
      },
    }),
    route({
      method: 'GET',
      path: '/activity/top',
      tag,
      summary: 'List what was used most',
      description:
        'The agents, users or resources with the most events in whole hours of a span of 31 days at most; the last 7 days by default. Resources are counted for the whole organization only.',
      access,
      query: z.strictObject({
        by: z.enum(TOP_KINDS).default('agent').meta({ description: 'What is counted.' }),
        from: logQuery.from,
        to: logQuery.to,
        limit: page.limit,
      }),
      answers: { 200: wholeList(topShape) },
      errors: ['too_long'],
      handle: async ({ by, query: { by: kind, from, to, limit } }) => {
        const entries = await activity.top(by, { by: kind, from, to, limit });
        const data = entries.map(({ figures, user }) => ({
          key: figures.key,
          name: kind === 'user' ? (user?.name ?? null) : figures.key,
          email: user?.email ?? null,
          ...presentFigures(figures),
        }));
        return { status: 200, body: presentWhole(data) };
      },
    }),
    route({
      method: 'GET',
      path: '/activity/export',
      tag,
      summary: 'Export the activity log',
      description:
        'What the log shows, the newest first, as CSV or as NDJSON (one entry a line). The export is an event itself.',
      access,
      query: z.strictObject({
        format: z
          .enum(ACTIVITY_FORMATS)
          .default('ndjson')
          .meta({ description: 'How entries are written: csv, or ndjson (one entry a line).' }),
        ...logQuery,
        ...someUsers,
      }),
      answers: { 200: { content: ['text/csv', 'application/x-ndjson'] } },
      handle: async ({ by, query: { format, user, ...query } }) => ({
        status: 200,
        content: await activityExport.export(by, { ...searchOf(query), users: user }, format),
        headers: downloadHeaders(format, 'activity', now().toISOString()),
      }),
    }),
  ];
}

const spanOf = ({ timeZone, from, to }: Omit<z.output<typeof seriesQuery>, 'bucket'>) => ({
  timeZone,
  from,
  to,
});

const presentBucket = ({ start, usual, ...figures }: ComparedBucket) => ({
  start,
  ...presentFigures(figures),
  usual,
});
