import { z } from 'zod';
import type { Authority } from '../../directory/roles/authority.ts';
import { downloadHeaders } from '../../rest/download.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  groupId,
  instant,
  page,
  pageOf,
  readCursor,
  several,
  time,
  userId,
  writeCursor,
} from '../../rest/shapes.ts';
import { CHANGE_KINDS, type ChangePage } from '../change-queries.ts';
import { DIFFERENCE_FORMATS, type DifferenceExport } from '../export.ts';
import type { History } from '../history.ts';
import { presentChange } from '../present.ts';
import { changeShape, momentShape } from './shapes.ts';

const span = {
  from: instant.meta({
    description: 'The earlier moment. History is complete since the completeSince of GET /history.',
  }),
  to: instant.optional().meta({ description: 'The later moment; now by default.' }),
};

const filter = {
  userId: userId.optional().meta({ description: 'Only what changed of this user.' }),
  groupId: groupId.optional().meta({ description: 'Only what changed of this group and its members.' }),
  kind: several(z.enum(CHANGE_KINDS)).meta({
    description: 'What changed: user, membership, group, grants, elevation.',
  }),
};

type FilterQuery = z.output<z.ZodObject<typeof filter>>;
const filterOf = ({ userId: user, groupId: group, kind }: FilterQuery) => ({ user, group, kinds: kind });

const place = z.object({ at: z.iso.datetime(), seq: z.string().regex(/^\d{1,18}$/), to: z.string() });

const MOMENT_ERRORS = ['in_the_future', 'before_history', 'history_incomplete'] as const;

const presentPage = ({ changes, next }: ChangePage, to: string) => ({
  data: changes.map(presentChange),
  nextCursor: writeCursor(next && { ...next, to }),
});

const GO_ON =
  'The newest first. A page may hold fewer entries than asked for and still have a nextCursor: go on with it.';

/** What changed between two moments, and of one user. */
export function historyRoutes({
  history,
  differenceExport,
  now,
}: {
  readonly history: History;
  readonly differenceExport: DifferenceExport;
  readonly now: () => Date;
}): Route[] {
  const tag = 'History';
  const access = 'audit:read';
  const momentOf = async (by: Authority) => ({
    completeSince: (await history.completeSince(by.org)) ?? null,
  });
  return [
    route({
      method: 'GET',
      path: '/history',
      tag,
      summary: 'Ask since when history is complete',
      access,
      answers: {
        200: z.object({
          completeSince: time
            .nullable()
            .meta({ description: 'Null while the beginning of history is being written.' }),
        }),
      },
      handle: async ({ by }) => ({ status: 200, body: await momentOf(by) }),
    }),
    route({
      method: 'GET',
      path: '/history/differences',
      tag,
      summary: 'List what differs between two moments',
      description: `Who joined, left, gained or lost something: each user, membership, group, list of grants or elevation that is another one at the later moment, in words, with who did it and why. ${GO_ON}`,
      access,
      query: z.strictObject({ ...span, ...filter, ...page }),
      answers: {
        200: pageOf(changeShape).extend({ from: time, to: time, completeSince: momentShape.completeSince }),
      },
      errors: MOMENT_ERRORS,
      handle: async ({ by, query: { from, to: until, limit, cursor, ...query } }) => {
        const before = readCursor(cursor, place);
        // Pages of one list are of the same moments, though no later one was named.
        const to = until ?? before?.to ?? now().toISOString();
        const found = await history.differences(by, { from, to }, filterOf(query), before, limit);
        const { completeSince } = await momentOf(by);
        return {
          status: 200,
          body: { ...presentPage(found, to), from, to, completeSince: completeSince ?? from },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/history/differences/summary',
      tag,
      summary: 'Count what differs between two moments',
      access,
      query: z.strictObject(span),
      answers: {
        200: z.object({
          from: time,
          to: time,
          counts: z.record(z.string(), z.int()).meta({
            description: 'How many have which effect.',
            example: { joined: 96, left: 41, gained_role: 12 },
          }),
          days: z.array(z.object({ day: z.string(), changes: z.int() })).meta({
            description: 'How many changes each day had, in UTC.',
            example: [{ day: '2026-11-28', changes: 14 }],
          }),
          whole: z.boolean().meta({
            description: 'False where the counts leave out the oldest changes, since there are too many.',
          }),
        }),
      },
      errors: MOMENT_ERRORS,
      handle: async ({ by, query: { from, to = now().toISOString() } }) => {
        const { counts, days, isWhole } = await history.summary(by, { from, to });
        return {
          status: 200,
          body: { from, to, counts: Object.fromEntries(counts), days: [...days], whole: isWhole },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/history/differences/export',
      tag,
      summary: 'Export what differs between two moments',
      description: 'As the list, as CSV or as NDJSON, one change a line. The export is an event itself.',
      access: 'audit:export',
      query: z.strictObject({ format: z.enum(DIFFERENCE_FORMATS).default('ndjson'), ...span, ...filter }),
      answers: { 200: { content: ['text/csv', 'application/x-ndjson'] } },
      errors: MOMENT_ERRORS,
      handle: async ({ by, query: { format, from, to = now().toISOString(), ...query } }) => ({
        status: 200,
        content: await differenceExport.export(by, { from, to }, filterOf(query), format),
        headers: downloadHeaders(format, `differences ${from.slice(0, 10)} to`, to),
      }),
    }),
    route({
      method: 'GET',
      path: '/users/{id}/history',
      tag,
      summary: 'List the changes of a user',
      description: `Status, role, groups and elevations, each change in words with before and after, who made it and why. A manager sees that of the members of their groups, everybody their own. ${GO_ON}`,
      access: 'users:read',
      params: { id: 'user' },
      query: z.strictObject(page),
      answers: { 200: pageOf(changeShape).extend({ completeSince: time.nullable() }) },
      handle: async ({ by, params: { id }, query: { limit, cursor } }) => {
        const found = await history.ofUser(by, id, readCursor(cursor, place), limit);
        return { status: 200, body: { ...presentPage(found, ''), ...(await momentOf(by)) } };
      },
    }),
  ];
}
