import { z } from 'zod';
import { downloadHeaders } from '../rest/download.ts';
import { presentUser, userReference } from '../rest/references.ts';
import { type Route, route } from '../rest/route.ts';
import { idCursor, page, pageBy, pageById, pageOf, readCursor, several, time } from '../rest/shapes.ts';
import type { ImportCommands } from './commands.ts';
import { TEMPLATE } from './file.ts';
import type { ImportOverview, ImportQueries, ImportRow } from './queries.ts';
import { IMPORT_POLICIES } from './rules.ts';
import { readUpload } from './upload.ts';

const result = z.enum(['add', 'skip', 'error', 'update']);
const policy = z.enum(IMPORT_POLICIES, { error: 'must be skip or update_role.' });

const rowShape = z.object({
  row: z.int().meta({ description: 'As a spreadsheet numbers it: the header is 1.' }),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  groups: z.array(z.string()),
  result,
  message: z.string().nullable(),
  note: z.string().nullable(),
  user: userReference.nullable(),
  done: z.boolean(),
});

const importShape = z
  .object({
    id: z.string(),
    fileName: z.string(),
    onDuplicate: policy,
    state: z.enum(['preview', 'running', 'done']),
    counts: z.object({ add: z.int(), skip: z.int(), error: z.int(), update: z.int() }),
    progress: z.object({ done: z.int(), total: z.int() }),
    createdAt: time,
    expiresAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Import' });

const presentImport = (found: ImportOverview): z.input<typeof importShape> => ({
  ...found,
  counts: { ...found.counts },
});

function presentRow({ number, user, message, note, groups, ...row }: ImportRow): z.input<typeof rowShape> {
  return {
    ...row,
    row: number,
    groups: [...groups],
    message: message ?? null,
    note: note ?? null,
    user: user === undefined ? null : presentUser(user),
  };
}

export interface ImportRouteDependencies {
  readonly imports: ImportCommands;
  readonly importQueries: ImportQueries;
}

/** Bringing users by CSV (R21 to R39). */
export function importRoutes({ imports, importQueries }: ImportRouteDependencies): Route[] {
  const tag = 'Imports';
  const access = 'imports:run';
  const params = { id: 'import' } as const;
  return [
    route({
      method: 'GET',
      path: '/imports/template.csv',
      tag,
      summary: 'Download the template',
      access,
      answers: { 200: { content: 'text/csv' } },
      handle: async () => ({ status: 200, content: TEMPLATE, headers: downloadHeaders('csv', 'users') }),
    }),
    route({
      method: 'GET',
      path: '/imports',
      tag,
      summary: 'List imports',
      description: 'The newest first. An import that is done is kept for 90 days.',
      access,
      query: z.strictObject({ state: several(z.enum(['preview', 'running', 'done'])), ...page }),
      answers: { 200: pageOf(importShape) },
      handle: async ({ by, query: { state: states, limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await importQueries.list(by, { states, after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentImport) };
      },
    }),
    route({
      method: 'POST',
      path: '/imports',
      tag,
      summary: 'Upload a file and preview it',
      description: 'As the field "file" of multipart/form-data, or as text/csv. Nothing is changed yet.',
      access,
      rawBody: 'multipart/form-data',
      query: z.strictObject({ onDuplicate: policy.optional() }),
      location: true,
      answers: { 201: importShape.extend({ rows: z.array(rowShape) }) },
      errors: ['too_many_rows', 'bad_header', 'not_csv'],
      handle: async ({ by, raw, query }) => {
        const { policy: inForm, ...file } = await readUpload(raw);
        const id = await imports.create(by, file, query.onDuplicate ?? inForm ?? 'skip');
        const rows = await importQueries.rows(by, id, { after: 0, result: undefined, limit: 1_000 });
        return {
          status: 201,
          body: { ...presentImport(await importQueries.get(by, id)), rows: rows.map(presentRow) },
          headers: { Location: `/api/v1/imports/${id}` },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/imports/{id}',
      tag,
      summary: 'Ask how far an import is',
      access,
      params,
      answers: { 200: importShape },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentImport(await importQueries.get(by, id)),
      }),
    }),
    route({
      method: 'GET',
      path: '/imports/{id}/rows',
      tag,
      summary: 'List the rows of an import',
      access,
      params,
      query: z.strictObject({ result: result.optional(), ...page }),
      answers: { 200: pageOf(rowShape) },
      handle: async ({ by, params: { id }, query: { result: only, limit, cursor } }) => {
        const after = readCursor(cursor, z.int()) ?? 0;
        const rows = await importQueries.rows(by, id, { after, result: only, limit: limit + 1 });
        return { status: 200, body: pageBy(rows, limit, presentRow, ({ number }) => number) };
      },
    }),
    route({
      method: 'PATCH',
      path: '/imports/{id}',
      tag,
      summary: 'Choose what happens to existing users',
      access,
      params,
      body: z.strictObject({ onDuplicate: policy }),
      answers: { 200: importShape },
      errors: ['already_confirmed', 'expired'],
      handle: async ({ by, params: { id }, body }) => {
        await imports.setPolicy(by, id, body.onDuplicate);
        return { status: 200, body: presentImport(await importQueries.get(by, id)) };
      },
    }),
    route({
      method: 'POST',
      path: '/imports/{id}/confirm',
      tag,
      summary: 'Confirm an import',
      description: 'Each row is looked at again and carried out in the background.',
      access,
      params,
      answers: { 202: importShape },
      errors: ['already_confirmed', 'expired'],
      handle: async ({ by, params: { id } }) => {
        await imports.confirm(by, id);
        return { status: 202, body: presentImport(await importQueries.get(by, id)) };
      },
    }),
    route({
      method: 'GET',
      path: '/imports/{id}/errors.csv',
      tag,
      summary: 'Download the rows that failed',
      description: 'Correct the file and upload it again: the columns row and error are ignored.',
      access,
      params,
      answers: { 200: { content: 'text/csv' } },
      handle: async ({ by, params: { id } }) => {
        const { fileName, text } = await importQueries.errorCsv(by, id);
        const holds = `errors of ${fileName.replace(/\.csv$/i, '')}`;
        return { status: 200, content: text, headers: downloadHeaders('csv', holds) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/imports/{id}',
      tag,
      summary: 'Discard an import',
      description: 'The users that it created stay.',
      access,
      params,
      answers: { 204: 'nothing' },
      errors: ['already_confirmed'],
      handle: async ({ by, params: { id } }) => {
        await imports.discard(by, id);
        return { status: 204 };
      },
    }),
  ];
}
