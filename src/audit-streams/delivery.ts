import { confirmEvents, type FeedEvent, peekEvents } from '../audit/feed.ts';
import { toOcsf } from '../audit/ocsf.ts';
import { presentEvent } from '../audit/present.ts';
import type { AuditEvent, AuditQueries } from '../audit/queries.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { type Outbound, OutboundError } from '../platform/http-client/http-client.ts';
import { waitAfter } from '../platform/jobs/retry-policy.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { truncate } from '../platform/truncate.ts';
import { frameOf } from './rules/message.ts';
import { streamKeyPurpose } from './secrets.ts';
import { requestStreamJobs } from './store/stream-jobs.ts';
import { findStream, noteDelivered, noteFailed, type StoredStream } from './store/streams.ts';

/** Events of one connection: what is sent again at most where a connection is cut. */
const BATCH = 500;
/** Waits after a failure; the cursor stays, for as many days as it takes. */
const WAITS = { firstWaitSeconds: 5, longestWaitSeconds: 300 };
const MAX_ERROR = 300;

/** What became of a batch. */
export type BatchOutcome =
  | { readonly kind: 'delivered'; readonly more: boolean }
  | { readonly kind: 'failed'; readonly retryAt: Date }
  /** The stream is paused, gone, or waits for its time. */
  | { readonly kind: 'not_due'; readonly retryAt: Date | undefined };

export interface StreamDelivery {
  /** Sends the next events of a stream. Its receiver's failures are noted, not thrown. */
  sendBatch(org: OrgId, stream: string, signal: AbortSignal): Promise<BatchOutcome>;
  /** Sends one message. @returns undefined, or what went wrong in one sentence */
  sendMessage(org: OrgId, stream: StoredStream, event: AuditEvent): Promise<string | undefined>;
  /** Has what waits without a job sent. */
  requestJobs(): Promise<void>;
}

export interface DeliveryDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
  readonly outbound: Outbound;
  readonly audit: AuditQueries;
  readonly publicUrl: string;
}

/** Builds what sends events to the receivers of streams. */
export function createStreamDelivery({
  db,
  now,
  seal,
  outbound,
  audit,
  publicUrl,
}: DeliveryDependencies): StreamDelivery {
  const frame = (org: OrgId, format: StoredStream['format'], event: AuditEvent): Buffer => {
    const { at, action, outcome } = event.row;
    const host = new URL(publicUrl).hostname;
    const text = JSON.stringify(format === 'ocsf' ? toOcsf(event) : presentEvent(event));
    return frameOf({ at, failed: outcome === 'failure', host, organization: org, action }, text);
  };

  /** The events with their names of now, in the order of the feed. */
  const read = async (org: OrgId, events: readonly FeedEvent[]): Promise<readonly AuditEvent[]> => {
    const times = events.map(({ at }) => Date.parse(at));
    // Times that SQL wrote have microseconds, which are cut off here.
    const [from, to] = [Math.min(...times), Math.max(...times) + 1];
    const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const found = await audit.list(
      { org },
      events.map(({ id }) => id),
      span,
    );
    const byId = new Map(found.map((event) => [event.row.id, event]));
    return events.map(({ id }) => {
      const event = byId.get(id);
      if (event === undefined) throw new Error(`Event ${id} of the feed cannot be read.`);
      return event;
    });
  };

  const send = async (stream: StoredStream, bytes: Buffer, signal?: AbortSignal): Promise<void> => {
    await outbound.sendTls(
      {
        host: stream.host,
        port: stream.port,
        ca: stream.ca ?? undefined,
        certificate: stream.clientCertificate ?? undefined,
        key: openKey(stream),
      },
      bytes,
      signal,
    );
  };

  const openKey = ({ id, sealedClientKey: sealed }: StoredStream): string | undefined => {
    if (sealed === null) return undefined;
    try {
      return seal.open(sealed, streamKeyPurpose(id));
    } catch (error) {
      const text = 'The key of the client certificate cannot be opened: give it again.';
      throw new OutboundError('failed', text, { cause: error });
    }
  };

  return {
    sendBatch: async (org, id, signal) => {
      const stream = await findStream(db, org, id);
      if (stream === undefined || stream.disabledAt !== null) return { kind: 'not_due', retryAt: undefined };
      const retryAt = stream.retryAt === null ? undefined : new Date(stream.retryAt);
      if (retryAt !== undefined && retryAt > now()) return { kind: 'not_due', retryAt };
      const consumer = `stream:${id}` as const;
      const events = await peekEvents(db, org, consumer, BATCH);
      const last = events.at(-1);
      if (last === undefined) return { kind: 'delivered', more: false };
      try {
        const frames = (await read(org, events)).map((event) => frame(org, stream.format, event));
        await send(stream, Buffer.concat(frames), signal);
      } catch (error) {
        if (!(error instanceof OutboundError) || error.reason === 'stopped') throw error;
        const time = now();
        const next = new Date(time.getTime() + waitAfter(stream.failures + 1, WAITS, Math.random()) * 1_000);
        const text = truncate(error.message, MAX_ERROR);
        await noteFailed(db, org, id, text, time.toISOString(), next.toISOString());
        return { kind: 'failed', retryAt: next };
      }
      await db.transaction(org, async (tx) => {
        await confirmEvents(tx, org, consumer, last);
        await noteDelivered(tx, org, id, last, now().toISOString());
      });
      return { kind: 'delivered', more: events.length === BATCH };
    },

    sendMessage: async (org, stream, event) => {
      try {
        await send(stream, frame(org, stream.format, event));
        return undefined;
      } catch (error) {
        if (error instanceof OutboundError) return error.message;
        throw error;
      }
    },

    requestJobs: () => requestStreamJobs(db, now().toISOString()),
  };
}
