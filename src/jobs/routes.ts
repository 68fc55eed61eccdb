import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
import { idCursor, page, pageById, pageOf, readCursor, time } from '../rest/shapes.ts';
import { JOB_STATES, type Job, type JobAdministration } from './commands.ts';

const jobShape = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(JOB_STATES),
    attempts: z.int().meta({ description: 'Since it was queued, or queued again.' }),
    lastError: z.string().nullable().meta({ description: 'Without mail addresses.' }),
    dueAt: time.nullable().meta({ description: 'When it is tried next; null for a dead job.' }),
    deadAt: time.nullable(),
    createdAt: time,
    progress: z.int().nullable().meta({
      description: 'How far it is, in percent; null for a job that does not tell.',
      example: 40,
    }),
  })
  .meta({ id: 'Job' });

const presentJob = (row: Job): z.input<typeof jobShape> => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  attempts: row.attempts,
  lastError: row.lastError,
  dueAt: row.state === 'dead' ? null : row.dueAt,
  deadAt: row.deadAt,
  createdAt: row.createdAt,
  progress: row.progress,
});

const kind = z.string().trim().min(1).max(100);

/** Background work: mails, imports, exports, webhooks. What it is about is not shown, since a mail may contain a link. */
export function jobRoutes({ jobs }: { readonly jobs: JobAdministration }): Route[] {
  const tag = 'Jobs';
  const access = 'settings:manage';
  const params = { id: 'job' } as const;
  return [
    route({
      method: 'GET',
      path: '/jobs',
      tag,
      summary: 'List background jobs',
      description: 'A job that has succeeded is gone; a dead one failed for good and stays for 30 days.',
      access,
      query: z.strictObject({ state: z.enum(JOB_STATES).optional(), kind: kind.optional(), ...page }),
      answers: { 200: pageOf(jobShape) },
      handle: async ({ by, query: { state, kind: ofKind, limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await jobs.list(by, { state, kind: ofKind, after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentJob) };
      },
    }),
    route({
      method: 'GET',
      path: '/jobs/{id}',
      tag,
      summary: 'Read a background job',
      access,
      params,
      answers: { 200: jobShape },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentJob(await jobs.get(by, id)),
      }),
    }),
    route({
      method: 'POST',
      path: '/jobs/{id}/retry',
      tag,
      summary: 'Put a dead job back into the queue',
      access,
      params,
      answers: { 202: jobShape },
      errors: ['conflict'],
      handle: async ({ by, params: { id } }) => ({
        status: 202,
        body: presentJob(await jobs.retry(by, id)),
      }),
    }),
    route({
      method: 'POST',
      path: '/jobs/retry',
      tag,
      summary: 'Put all dead jobs back into the queue, or those of a kind',
      access,
      body: z.strictObject({ kind: kind.optional() }),
      answers: { 202: z.object({ retried: z.int() }) },
      handle: async ({ by, body }) => ({
        status: 202,
        body: { retried: await jobs.retryAll(by, body.kind) },
      }),
    }),
    route({
      method: 'DELETE',
      path: '/jobs/{id}',
      tag,
      summary: 'Discard a dead job',
      access,
      params,
      answers: { 204: 'nothing' },
      errors: ['conflict'],
      handle: async ({ by, params: { id } }) => {
        await jobs.discard(by, id);
        return { status: 204 };
      },
    }),
  ];
}
