import type { EventChanges } from '../audit/catalogue.ts';
import { beginFeed, endFeed, startFeed } from '../audit/feed.ts';
import type { AuditEvent } from '../audit/queries.ts';
import type { CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import { requireReal } from '../directory/organizations/store/demonstrations.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import type { Outbound } from '../platform/http-client/http-client.ts';
import { smallestUuidv7, uuidv7 } from '../platform/ids.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { StreamDelivery } from './delivery.ts';
import { type Stream, withProgress } from './queries.ts';
import { tlsProblem } from './rules/settings.ts';
import { streamKeyPurpose } from './secrets.ts';
import { hastenStreamJob } from './store/stream-jobs.ts';
import {
  findStream,
  insertStream,
  listStreams,
  removeStream,
  rewriteStream,
  type StoredStream,
} from './store/streams.ts';

/** How many streams an organization may have: each reads every event. */
const MOST_STREAMS = 5;

/** Where events go; texts of `ca`, `clientCertificate` and `clientKey` are PEM, null for none. */
export interface StreamInput {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly format: 'json' | 'ocsf';
  readonly ca: string | null;
  readonly clientCertificate: string | null;
  readonly clientKey: string | null;
}

/** A change; what is undefined stays. */
export type StreamPatch = { readonly [Name in keyof StreamInput]: StreamInput[Name] | undefined } & {
  readonly enabled: boolean | undefined;
};

export interface StreamCommands {
  /**
   * Sends what happens from now on, or all that is kept, to a receiver.
   * @throws DomainError `invalid_address`, `invalid_certificate`, `too_many`, `forbidden`
   */
  create(by: Authority, input: StreamInput, from: 'now' | 'oldest'): Promise<Stream>;
  /** @throws DomainError `not_found`, `invalid_address`, `invalid_certificate`, `forbidden` */
  update(by: Authority, id: string, patch: StreamPatch): Promise<Stream>;
  /** Ends a stream; what waits is not sent. @throws DomainError `not_found`, `forbidden` */
  remove(by: Authority, id: string): Promise<void>;
  /**
   * Sends one message, whatever waits.
   * @returns what happened, in one sentence @throws DomainError `not_found`, `forbidden`
   */
  test(by: Authority, id: string): Promise<{ readonly delivered: boolean; readonly sentence: string }>;
}

export interface StreamDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly outbound: Outbound;
  readonly delivery: StreamDelivery;
}

/** Builds the commands that configure streams. Need `webhooks:manage`. */
export function createStreamCommands({
  db,
  now,
  runner,
  seal,
  outbound,
  delivery,
}: StreamDependencies): StreamCommands {
  const checkHost = (host: string, port: number): void => {
    const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const problem = outbound.urlProblem(url);
    if (problem !== undefined) throw new DomainError('invalid_address', problem);
  };
  const checkTls = (ca: string | null, certificate: string | null, key: string | null): void => {
    const problem = tlsProblem({ ca, certificate, key });
    if (problem !== undefined) throw new DomainError('invalid_certificate', problem);
  };
  const sealKey = (id: string, key: string | null) =>
    key === null ? null : seal.seal(key, streamKeyPurpose(id));

  return {
    create: (by, input, from) =>
      runner.runAs(by, async ({ tx, org, at, newId, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        const { name, host, port, format, ca, clientCertificate, clientKey } = input;
        checkHost(host, port);
        checkTls(ca, clientCertificate, clientKey);
        if ((await listStreams(tx, org)).length >= MOST_STREAMS) {
          throw new DomainError(
            'too_many',
            `There are ${MOST_STREAMS} audit streams: remove one before you add another.`,
          );
        }
        const id = newId();
        const sealed = sealKey(id, clientKey);
        const settings = { name, host, port, format, ca, clientCertificate };
        await insertStream(tx, org, id, { ...settings, sealedClientKey: sealed }, at);
        if (from === 'now') await startFeed(tx, org, `stream:${id}`);
        else await beginFeed(tx, org, `stream:${id}`, smallestUuidv7(0));
        recordEvent({
          action: 'audit_stream.created',
          target: ['audit_stream', id],
          changes: {
            values: { name: [null, name], host: [null, host], port: [null, port], format: [null, format] },
          },
        });
        return withProgress(tx, org, (await findStream(tx, org, id)) as StoredStream);
      }),

    update: (by, id, patch) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        const before = await findStream(tx, org, id);
        if (before === undefined) throw notFound('audit_stream');
        const after = {
          name: patch.name ?? before.name,
          host: patch.host ?? before.host,
          port: patch.port ?? before.port,
          format: patch.format ?? before.format,
          ca: patch.ca === undefined ? before.ca : patch.ca,
          clientCertificate:
            patch.clientCertificate === undefined ? before.clientCertificate : patch.clientCertificate,
          enabled: patch.enabled ?? before.disabledAt === null,
        };
        checkHost(after.host, after.port);
        const keepsKey = patch.clientKey === undefined;
        const hasKey = before.sealedClientKey !== null && keepsKey;
        const key = hasKey
          ? seal.open(before.sealedClientKey as string, streamKeyPurpose(id))
          : (patch.clientKey ?? null);
        checkTls(after.ca, after.clientCertificate, key);
        const sealed = keepsKey ? before.sealedClientKey : sealKey(id, key);
        await rewriteStream(tx, org, id, { ...after, sealedClientKey: sealed }, at);
        await hastenStreamJob(tx, org, id, at);
        const changes = changesOf(before, after, !keepsKey);
        if (changes !== undefined) {
          recordEvent({ action: 'audit_stream.updated', target: ['audit_stream', id], changes });
        }
        return withProgress(tx, org, (await findStream(tx, org, id)) as StoredStream);
      }),

    remove: (by, id) =>
      runner.runAs(by, async ({ tx, org, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        const before = await findStream(tx, org, id);
        if (before === undefined || !(await removeStream(tx, org, id))) throw notFound('audit_stream');
        await endFeed(tx, org, `stream:${id}`);
        recordEvent({
          action: 'audit_stream.deleted',
          target: ['audit_stream', id],
          changes: { values: { name: [before.name, null], host: [before.host, null] } },
        });
      }),

    test: async (by, id) => {
      requireWholeOrganization(by, 'webhooks:manage');
      const stream = await findStream(db, by.org, id);
      if (stream === undefined) throw notFound('audit_stream');
      await requireReal(db, by.org);
      // Between the two transactions: nothing is locked while a receiver is waited for.
      const problem = await delivery.sendMessage(by.org, stream, testEvent(by, id, now()));
      await runner.runAs(by, async ({ recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        recordEvent({
          action: 'audit_stream.tested',
          target: ['audit_stream', id],
          changes: { values: { delivered: [null, problem === undefined] } },
        });
      });
      const receiver = `${stream.host}:${stream.port}`;
      return {
        delivered: problem === undefined,
        sentence: problem ?? `The test message was delivered to ${receiver}, whose certificate was verified.`,
      };
    },
  };
}

/** The message of a test: an event that is not in the audit trail. */
function testEvent(by: Authority, stream: string, now: Date): AuditEvent {
  const sentence = 'This is a test message of Rollcall.';
  const actor = { type: by.origin.actor.type, id: by.origin.actor.id, name: null, email: null };
  return {
    row: {
      id: uuidv7(now.getTime()),
      at: now.toISOString(),
      action: 'audit_stream.tested',
      outcome: 'success',
      actorType: actor.type,
      actorId: actor.id,
      via: by.origin.actor.via,
      actorUserId: null,
      actorKeyId: null,
      targetType: 'audit_stream',
      targetId: stream,
      memberId: null,
      changes: null,
      reason: null,
      requestId: by.origin.requestId,
      sessionId: null,
      ip: null,
      userAgent: null,
      country: null,
    },
    sentence,
    summary: sentence,
    actor,
    target: { type: 'audit_stream', id: stream, name: null, email: null },
    member: null,
  };
}

function changesOf(
  before: StoredStream,
  after: Pick<StoredStream, 'name' | 'host' | 'port' | 'format' | 'ca' | 'clientCertificate'> & {
    readonly enabled: boolean;
  },
  keyChanged: boolean,
): EventChanges<'audit_stream.updated'> | undefined {
  const wasEnabled = before.disabledAt === null;
  const attributes = [
    ...(before.ca === after.ca ? [] : ['ca']),
    ...(before.clientCertificate === after.clientCertificate ? [] : ['clientCertificate']),
    ...(keyChanged ? ['clientKey'] : []),
  ];
  const values = {
    ...(before.name === after.name ? {} : { name: [before.name, after.name] as const }),
    ...(before.host === after.host ? {} : { host: [before.host, after.host] as const }),
    ...(before.port === after.port ? {} : { port: [before.port, after.port] as const }),
    ...(before.format === after.format ? {} : { format: [before.format, after.format] as const }),
    ...(wasEnabled === after.enabled ? {} : { enabled: [wasEnabled, after.enabled] as const }),
  };
  if (attributes.length + Object.keys(values).length === 0) return undefined;
  return { ...(attributes.length === 0 ? {} : { attributes }), values };
}
