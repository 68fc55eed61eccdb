import { Resolver } from 'node:dns/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { feedIsCurrent } from './audit/feed.ts';
import { type Core, createCore } from './core.ts';
import { createFeatures } from './features.ts';
import { createClientAddress } from './http/client-address.ts';
import { createEdge, type DirectListener } from './http/edge.ts';
import { createApp } from './http/express-app.ts';
import { createHealthRouter } from './http/health.ts';
import { burstOf, createRequestLimits, type RequestLimitOptions } from './http/rate-limit.ts';
import { createRequestLog } from './http/request-log.ts';
import { createIdempotencyStore } from './idempotency/idempotency-store.ts';
import { measureBacklog } from './jobs/metrics.ts';
import { countJobs, countWaitingDeliveries } from './jobs/store/job-log.ts';
import { DEFAULT_RETENTION, type Retention } from './maintenance/retention.ts';
import { createMetrics } from './metrics.ts';
import { sendAll } from './notifications/jobs.ts';
import { createRelyingParty } from './oidc/relying-party.ts';
import { createNotFoundRouter } from './pages/not-found.ts';
import { createSsoRouter } from './pages/router.ts';
import { createOpenPast } from './past.ts';
import { type Database, openDatabase } from './platform/db/database.ts';
import { createReadyCheck } from './platform/db/ready-check.ts';
import { createOutbound } from './platform/http-client/http-client.ts';
import { isUuid } from './platform/ids.ts';
import { type JobKind, kindsByName } from './platform/jobs/job-kind.ts';
import { runDueJobs, startWorker, type Worker } from './platform/jobs/worker.ts';
import type { Locate } from './platform/locations/location.ts';
import { createMailer, type MailerOptions } from './platform/mailer.ts';
import { packageRoot } from './platform/package-root.ts';
import { createSecretBox } from './platform/secret-box.ts';
import { createCredentials } from './provisioning/credentials.ts';
import { createMasker } from './provisioning/log/rules/mask.ts';
import { createLogWriter } from './provisioning/log/writer.ts';
import { createAdmin } from './rest/rest.ts';
import { ACCESS_SCHEMA } from './scim/access-attributes.ts';
import { maxOperationsOf } from './scim/bulk/request.ts';
import { createDirectoryParts } from './scim/dry-run.ts';
import { createScimListener, SCIM_PATH } from './scim/listener.ts';
import { createReplay, type ReplayDependencies } from './scim/replay.ts';
import { readSchemas } from './scim/schema/definition.ts';
import { createProfileReader } from './scim/schema/profile-reader.ts';
import { compileResourceTypes } from './scim/schema/resource-type.ts';
import { secretNames } from './scim/schema/secret-names.ts';
import { createRehearsal } from './scim/self-test.ts';
import type { ResolveTxt } from './sso/administration/domains.ts';
import { createProviderReader, type ProviderReader } from './sso/administration/provider-reader.ts';

export interface RollcallOptions {
  readonly databaseUrl: string;
  /** Postgres itself, where `databaseUrl` leads to a pooler in transaction mode. */
  readonly databaseUrlDirect?: string | undefined;
  /** The most connections to the database. */
  readonly databaseConnections?: number;
  readonly log: Logger;
  /** Where clients reach the server, without a slash at its end: what links and locations begin with. */
  readonly publicUrl: string;
  readonly trustProxy?: false | number | readonly string[];
  /** Where the schema files are; those of the package by default. */
  readonly schemaFolder?: string;
  readonly now?: () => Date;
  /** Is told of answers of the REST API that are not declared; a warning in the log by default. */
  readonly onUndeclaredAnswer?: (message: string) => void;
  /** 32 bytes: what secrets at rest are sealed with. */
  readonly secretKey: Buffer;
  /** Older keys, whose secrets can still be read. */
  readonly previousSecretKeys?: readonly Buffer[];
  readonly mail: MailerOptions;
  readonly retention?: Retention;
  /** Where addresses are; unknown by default. */
  readonly locate?: Locate;
  /** Whether webhooks may lead into private networks; false by default. */
  readonly allowPrivateWebhooks?: boolean;
  /** Whether identity providers may be in private networks; false by default. */
  readonly allowPrivateProviders?: boolean;
  /** Where `npm run build` has put the console; without it, `/` is a plain page. */
  readonly consoleFolder?: string | undefined;
  /** Reads identity providers' metadata; tests replace it. */
  readonly providers?: ProviderReader;
  /** Whether `/metrics` is served beside everything else; true by default. */
  readonly serveMetrics?: boolean;
  /** Requests a second that are accepted; unlimited by default. */
  readonly limits?: RequestLimitOptions;
  /** Asks DNS for TXT records; the system's servers; tests replace it. */
  readonly resolveTxt?: ResolveTxt;
}

/** Everything, constructed and joined. */
export interface Rollcall {
  readonly db: Database;
  readonly metrics: Registry;
  /** The HTTP side. */
  listener(): RequestListener;
  /** Only `/healthz`, `/readyz` and `/metrics`: for a process that works in the background. */
  healthListener(): RequestListener;
  /** Makes `/readyz` report that the process is about to stop. */
  drain(): void;
  /** Runs the jobs that are due, those that send webhooks aside. @returns how many runs there were */
  runDueJobsOnce(): Promise<number>;
  /** Erases who was hidden long enough, as the schedule does. */
  purge(): Promise<number>;
  /** Reads metadata again, looks for the records of domains, and deletes retired keys, as the schedule does. */
  runSsoSchedule(): Promise<void>;
  /** Makes deliveries of what happened and sends those that are due, as the worker does. */
  deliverWebhooks(): Promise<void>;
  /** Sends what waits for audit streams and is due, as the worker does. */
  deliverAuditStreams(): Promise<void>;
  /** Has members follow the patterns of their groups, as the schedule and the jobs do. */
  followAddresses(): Promise<void>;
  /** Looks for alerts in what has happened up to now, and for what is about to expire, as the schedule does. */
  watchForAlerts(): Promise<void>;
  /** Tells of alerts and dead jobs, and mails what was held and the digests that are due, as the schedule does. */
  mailAlerts(): Promise<void>;
  /** Opens the access reviews that are due, collects their items, and mails what is due, as the schedule does. */
  tendReviews(): Promise<void>;
  /** Seals what has happened up to now, as the schedule does. */
  sealEvents(): Promise<void>;
  /** Sends the newest seals out, once a day, as the schedule does. */
  publishSeals(): Promise<void>;
  /** Writes what the provisioning log has collected, as happens each second. */
  writeProvisioningLog(): Promise<void>;
  /** The background side. */
  work(): Promise<Worker>;
  close(): Promise<void>;
}

const UNLIMITED: RequestLimitOptions = { perOrganization: 0, perConnection: 0, invalidPerAddress: 0 };

/**
 * Builds a Rollcall on a migrated database. Nothing connects or listens until it is used.
 * @throws Error if a schema file is not a schema
 */
export function createRollcall(options: RollcallOptions): Rollcall {
  const { databaseUrl, log, publicUrl, now = () => new Date() } = options;
  const { retention = DEFAULT_RETENTION, trustProxy = false, allowPrivateProviders = false } = options;
  const { locate = () => undefined } = options;
  const limitOptions = options.limits ?? UNLIMITED;
  const folder = options.schemaFolder ?? join(packageRoot(import.meta.url), 'scim-schemas');
  const types = compileResourceTypes([...readSchemas(folder), ACCESS_SCHEMA]);
  const db = openDatabase({
    url: databaseUrl,
    pooler: options.databaseUrlDirect !== undefined,
    ...(options.databaseConnections === undefined ? {} : { connections: options.databaseConnections }),
    // Never the error itself: a client that is lost carries its connection, with the backend's secret key.
    onError: ({ message }) => log.warn({ cause: message }, 'database connection lost'),
    onSlow: ({ share, ...slow }) =>
      log.warn(
        { ...slow, ...(isUuid(share.slice(0, 36)) ? { organization: share.slice(0, 36) } : {}) },
        'slow statement',
      ),
  });
  const directDatabaseUrl = options.databaseUrlDirect ?? databaseUrl;
  const seal = createSecretBox({ current: options.secretKey, previous: options.previousSecretKeys ?? [] });
  const mailer = createMailer(options.mail);
  const metrics = createMetrics(db);
  const core = createCore({ db, now, seal, publicUrl, locate });

  const provisioningLog = createLogWriter({
    db,
    log,
    metrics,
    masker: createMasker(secretNames(types)),
    enabled: retention.scimLogDays > 0,
  });
  const scimWith = (core: Core): ReplayDependencies => ({
    types,
    ...createDirectoryParts(core),
    log,
    provisioningLog,
    seal,
    now: core.now,
    base: `${publicUrl}${SCIM_PATH}`,
    maxOperations: maxOperationsOf(burstOf(limitOptions)),
  });
  const scimDependencies = scimWith(core);

  const toProviders = createOutbound({
    allowPrivate: allowPrivateProviders,
    setting: 'ALLOW_PRIVATE_PROVIDERS',
    timeoutMs: 10_000,
  });
  const relyingParty = createRelyingParty({ outbound: toProviders, now });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const providers =
    options.providers ??
    createProviderReader({ outbound: toProviders, relyingParty, now, allowPrivate: allowPrivateProviders });
  const featuresWith = (core: Core) =>
    createFeatures(core, {
      log,
      mailer,
      retention,
      allowPrivateWebhooks: options.allowPrivateWebhooks ?? false,
      providers,
      resolveTxt: options.resolveTxt ?? ((name) => resolver.resolveTxt(name)),
      readProfile: createProfileReader(types),
      carryOut: createReplay(scimWith(core)),
      rehearse: createRehearsal(scimWith(core)),
      limits: limitOptions,
      openPast,
    });

  const openPast = createOpenPast({
    ...core,
    featuresWith: (past) => featuresWith(past),
    carryOutWith: (past) => createReplay(scimWith(past)),
    flushLog: provisioningLog.flush,
    makeKey: () => providers.makeKey('signing'),
  });
  const features = featuresWith(core);

  const kinds = kindsByName(features.allJobs);
  const onRequest = [...kinds.values()].filter(({ everySeconds }) => everySeconds === undefined);
  const runKinds = (some: readonly JobKind[]) => runDueJobs({ db, kinds: kindsByName(some), now, log });
  const sending = new Set([...features.webhooks.deliver, ...features.auditStreams.send]);
  const runDueJobsOnce = () => runKinds(features.allJobs.filter((kind) => !sending.has(kind)));
  const backlog = measureBacklog(
    metrics,
    onRequest.map(({ name }) => name),
    {
      countJobs: () => countJobs(db, now().toISOString()),
      countWaitingDeliveries: () => countWaitingDeliveries(db),
    },
  );

  let draining = false;
  const checkDatabase = createReadyCheck(db, directDatabaseUrl);
  const health = createHealthRouter({
    metrics: options.serveMetrics === false ? undefined : metrics,
    checkReady: async () => {
      if (draining) throw new Error('The server is stopping.');
      await checkDatabase();
    },
    describeTrouble: backlog.describeDeadJobs,
  });
  const limits = createRequestLimits(limitOptions);
  const logRequest = createRequestLog(log, metrics, now);
  const serve = (
    routers: readonly (readonly [path: string, router: Router])[],
    direct: readonly DirectListener[] = [],
  ) => createEdge({ logRequest, direct, app: createApp({ log, trustProxy, routers }) });
  const forever = new AbortController().signal;

  return {
    db,
    metrics,

    listener: () => {
      const scim = createScimListener({
        ...scimDependencies,
        credentials: createCredentials(core),
        limits,
        clientAddress: createClientAddress(trustProxy),
      });
      const admin = createAdmin({
        ...core,
        routes: features.allRoutes,
        apiKeys: features.access.apiKeys,
        setUpLinks: features.setUpLinks.setUpLinks,
        idempotencyStore: createIdempotencyStore(core),
        limits,
        onUndeclared: options.onUndeclaredAnswer ?? ((message) => log.warn(message)),
      });
      const pages = createSsoRouter({
        directory: {
          ...core,
          ...features.sso,
          ...features.signIn,
          ...features.directory,
          ...features.invitations,
          ...features.emailChanges,
          ...features.setUpLinks,
        },
        relyingParty,
        publicUrl,
        now,
        consoleFolder: options.consoleFolder,
      });
      return serve(
        [
          ['/api/v1', admin],
          ['/', pages],
          ['/', health],
          ['/', createNotFoundRouter()],
        ],
        [{ path: SCIM_PATH, listener: scim }],
      );
    },

    healthListener: () => serve([['/', health]]),

    drain: () => {
      draining = true;
    },

    runDueJobsOnce,
    purge: () => features.purge(),
    runSsoSchedule: async () => {
      for (const watch of Object.values(features.sso.schedule)) await watch();
    },
    deliverWebhooks: async () => {
      await feedIsCurrent(db);
      await features.webhooks.fanOut(forever);
      await runKinds(features.webhooks.deliver);
    },
    deliverAuditStreams: async () => {
      await feedIsCurrent(db);
      await features.auditStreams.requestJobs();
      await runKinds(features.auditStreams.send);
    },
    followAddresses: async () => {
      await feedIsCurrent(db);
      await features.directory.followAddresses(forever);
      await runKinds(features.directory.jobs);
    },
    watchForAlerts: async () => {
      await feedIsCurrent(db);
      await features.alerts.detection.watchEvents(forever);
      await features.alerts.detection.watchState(forever);
    },
    mailAlerts: async () => {
      await features.alerts.tellOfAlerts(forever);
      await sendAll(features.notifications.sending, forever);
    },
    sealEvents: async () => {
      await feedIsCurrent(db);
      await features.audit.sealEvents(forever);
    },
    publishSeals: () => features.audit.publishSeals(forever),
    tendReviews: async () => {
      await features.reviews.tending.openScheduled(forever);
      await runDueJobsOnce();
      await features.reviews.tending.tendOpen(forever);
    },
    writeProvisioningLog: () => provisioningLog.flush(),

    work: () => startWorker({ db, kinds, now, log }, directDatabaseUrl),

    close: async () => {
      mailer.close();
      await provisioningLog.close();
      await db.close();
    },
  };
}
