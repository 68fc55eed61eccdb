import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
import { presentWhole, time, wholeList } from '../rest/shapes.ts';
import type { StreamCommands, StreamPatch } from './commands.ts';
import type { Stream, StreamQueries } from './queries.ts';

const streamShape = z
  .object({
    id: z.string(),
    name: z.string().meta({ description: 'What it is called.', example: 'Splunk' }),
    host: z.string(),
    port: z.int(),
    format: z.enum(['json', 'ocsf']).meta({ description: 'How events are written.' }),
    ca: z.string().nullable(),
    clientCertificate: z.string().nullable(),
    enabled: z.boolean().meta({ description: 'False while it is paused.' }),
    state: z
      .enum(['current', 'behind', 'failing', 'paused'])
      .meta({ description: 'How it is; failing also while it waits for its next attempt.' }),
    sentence: z.string().meta({ description: 'The same in words.', example: 'All events are delivered.' }),
    deliveredEvent: z.string().nullable(),
    deliveredEventAt: time.nullable(),
    deliveredAt: time.nullable().meta({ description: 'When it was delivered.' }),
    waiting: z
      .int()
      .meta({ description: 'Events that are not delivered yet, counted up to 10,000.', example: 0 }),
    moreWaiting: z.boolean(),
    waitingSince: time.nullable(),
    failures: z.int(),
    failedAt: time.nullable().meta({ description: 'When the last attempt failed.' }),
    lastError: z.string().nullable().meta({ description: 'Why it failed; null after a delivery.' }),
    retryAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'AuditStream' });

const presentStream = (stream: Stream): z.input<typeof streamShape> => ({
  ...stream,
  enabled: stream.disabledAt === null,
});

const name = z.string().trim().min(1).max(100);
const host = z
  .string()
  .trim()
  .max(253)
  .regex(/^[A-Za-z0-9_.:-]+$/, 'must be a host name or an IP address, without a scheme and a port.');
const port = z.int().min(1).max(65_535);
const format = z.enum(['json', 'ocsf']).meta({ description: 'How events are written.' });
const pem = z.string().max(50_000).nullable();

/** The audit trail, sent to a SIEM as it happens. */
export function auditStreamRoutes({
  streams,
  streamQueries,
}: {
  readonly streams: StreamCommands;
  readonly streamQueries: StreamQueries;
}): Route[] {
  const tag = 'Audit';
  const access = 'webhooks:manage';
  const params = { id: 'audit_stream' } as const;
  return [
    route({
      method: 'GET',
      path: '/audit/streams',
      tag,
      summary: 'List audit streams',
      description: 'Each with its health: what was delivered last, what waits, and what went wrong.',
      access,
      answers: { 200: wholeList(streamShape) },
      handle: async ({ by }) => ({
        status: 200,
        body: presentWhole((await streamQueries.list(by)).map(presentStream)),
      }),
    }),
    route({
      method: 'POST',
      path: '/audit/streams',
      tag,
      summary: 'Add an audit stream',
      description:
        'Sends every event, in order, as syslog over TLS (RFC 5424, RFC 5425). While the receiver is down nothing is lost: events wait and are sent once it is back.',
      access,
      body: z.strictObject({
        name,
        host,
        port: port.default(6_514),
        format: format.default('json'),
        ca: pem.default(null),
        clientCertificate: pem.default(null),
        clientKey: pem.default(null),
        from: z.enum(['now', 'oldest']).default('now').meta({
          description: 'Whether it begins with what happens from now on, or with all that is kept.',
        }),
      }),
      answers: { 201: streamShape },
      errors: ['invalid_address', 'invalid_certificate', 'too_many'],
      handle: async ({ by, body: { from, ...input } }) => ({
        status: 201,
        body: presentStream(await streams.create(by, input, from)),
      }),
    }),
    route({
      method: 'GET',
      path: '/audit/streams/{id}',
      tag,
      summary: 'Read an audit stream',
      access,
      params,
      answers: { 200: streamShape },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentStream(await streamQueries.get(by, id as string)),
      }),
    }),
    route({
      method: 'PATCH',
      path: '/audit/streams/{id}',
      tag,
      summary: 'Change, pause or resume an audit stream',
      description: 'A stream that was paused goes on where it was. After a change it is tried at once.',
      access,
      params,
      body: z.strictObject({
        name: name.optional(),
        host: host.optional(),
        port: port.optional(),
        format: format.optional(),
        ca: pem.optional(),
        clientCertificate: pem.optional(),
        clientKey: pem.optional(),
        enabled: z.boolean().optional(),
      }),
      answers: { 200: streamShape },
      errors: ['invalid_address', 'invalid_certificate'],
      handle: async ({ by, params: { id }, body }) => ({
        status: 200,
        body: presentStream(await streams.update(by, id as string, body as StreamPatch)),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/audit/streams/{id}',
      tag,
      summary: 'Remove an audit stream',
      access,
      params,
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id } }) => {
        await streams.remove(by, id as string);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/audit/streams/{id}/test',
      tag,
      summary: 'Send a test message',
      description: 'Sends one message now, whatever waits, and says what happened.',
      access,
      params,
      answers: {
        200: z.object({
          delivered: z.boolean().meta({ description: 'Whether the receiver took it.' }),
          sentence: z.string().meta({
            description: 'What happened, and what to change.',
            example: 'The connection was refused: nothing listens on this host and port.',
          }),
        }),
      },
      errors: ['demonstration'],
      handle: async ({ by, params: { id } }) => ({ status: 200, body: await streams.test(by, id as string) }),
    }),
  ];
}
