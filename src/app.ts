import { Resolver } from 'node:dns/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { createElevationExpiry } from './access/elevations/expiry.ts';
import { elevationExpiryJob } from './access/elevations/jobs.ts';
import { createDetection } from './alerts/detection.ts';
import { alertJobs, createAlertMails } from './alerts/jobs.ts';
import { SEVERITIES } from './alerts/rules/alert.ts';
import { feedIsCurrent } from './audit/feed.ts';
import { createSealing, sealJob } from './audit/seals.ts';
import { createCommandRunner } from './directory/command-runner.ts';
import { createGroupCommands } from './directory/groups/scim-commands.ts';
import { createQueries } from './directory/search/queries.ts';
import { createUserCommands } from './directory/users/scim-commands.ts';
import { exportJob } from './exports/jobs.ts';
import { createClientAddress } from './http/client-address.ts';
import { createEdge, type DirectListener } from './http/edge.ts';
import { createApp } from './http/express-app.ts';
import { createHealthRouter } from './http/health.ts';
import { createRequestLimits, type RequestLimitOptions } from './http/rate-limit.ts';
import { createRequestLog } from './http/request-log.ts';
import { importJob } from './imports/jobs.ts';
import { createImportRuns } from './imports/run.ts';
import { measureBacklog } from './jobs/metrics.ts';
import { countJobs, countWaitingDeliveries } from './jobs/store/job-log.ts';
import { createLifecycleCommands } from './lifecycle/commands.ts';
import { maintenanceJobs } from './maintenance/jobs.ts';
import { DEFAULT_RETENTION, type Retention } from './maintenance/retention.ts';
import { mailJobs } from './notifications/jobs.ts';
import { linksOf } from './notifications/mails.ts';
import { createRelyingParty } from './oidc/relying-party.ts';
import { createSsoRouter } from './pages/router.ts';
import { type Database, openDatabase } from './platform/db/database.ts';
import { observeDatabase } from './platform/db/metrics.ts';
import { createReadyCheck } from './platform/db/ready-check.ts';
import { createOutbound } from './platform/http-client/http-client.ts';
import { isUuid } from './platform/ids.ts';
import { type JobKind, kindsByName } from './platform/jobs/job-kind.ts';
import { runDueJobs, startWorker, type Worker } from './platform/jobs/worker.ts';
import { createMailer, type MailerOptions } from './platform/mailer.ts';
import { packageRoot, packageVersion } from './platform/package-root.ts';
import { createSecretBox } from './platform/secret-box.ts';
import { createCredentials } from './provisioning/credentials.ts';
import { createMasker } from './provisioning/log/rules/mask.ts';
import { createLogWriter } from './provisioning/log/writer.ts';
import { createAdmin } from './rest/rest.ts';
import { reviewJobs } from './reviews/jobs.ts';
import { createOpening } from './reviews/opening.ts';
import { createTending } from './reviews/tending.ts';
import { ACCESS_SCHEMA } from './scim/access-attributes.ts';
import { createScimListener, SCIM_PATH } from './scim/listener.ts';
import { createReplay } from './scim/replay.ts';
import { readSchemas } from './scim/schema/definition.ts';
import { createProfileReader } from './scim/schema/profile-reader.ts';
import { compileResourceTypes } from './scim/schema/resource-type.ts';
import { secretNames } from './scim/schema/secret-names.ts';
import { createAdministration } from './services.ts';
import { createDomainChecks, type ResolveTxt } from './sso/administration/domains.ts';
import { createMetadataRefresh } from './sso/administration/metadata.ts';
import { createKeyRetirement } from './sso/administration/own-keys.ts';
import { createProviderReader, type ProviderReader } from './sso/administration/provider-reader.ts';
import { type SsoSchedule, ssoJobs } from './sso/jobs.ts';
import { createFanOut } from './webhooks/fan-out.ts';
import { webhookJobs } from './webhooks/jobs.ts';
import { createOutgoing } from './webhooks/outgoing.ts';
import { createSend } from './webhooks/send.ts';

export interface RollcallOptions {
  readonly databaseUrl: string;
  /** Postgres itself, where `databaseUrl` leads to a pooler in transaction mode. */
  readonly databaseUrlDirect?: string | undefined;
  /** The most connections to the database. */
  readonly databaseConnections?: number;
  readonly log: Logger;
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
  /** Whether webhooks may lead into private networks; false by default. */
  readonly allowPrivateWebhooks?: boolean;
  /** Whether identity providers may be in private networks; false by default. */
  readonly allowPrivateProviders?: boolean;
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
  /** The HTTP side; `publicUrl` is what links and locations begin with. */
  listener(publicUrl: string): RequestListener;
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
  /** Looks for alerts in what has happened up to now, and for what is about to expire, as the schedule does. */
  watchForAlerts(): Promise<void>;
  /** Mails what no mail has told of, as the digest does. */
  mailAlerts(): Promise<void>;
  /** Opens the access reviews that are due, collects their items, and mails what is due, as the schedule does. */
  tendReviews(): Promise<void>;
  /** Seals what has happened up to now, as the schedule does. */
  sealEvents(): Promise<void>;
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
  const { databaseUrl, log, now = () => new Date() } = options;
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
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  observeDatabase(metrics, db);
  new Gauge({
    name: 'rollcall_info',
    help: 'The versions of Rollcall and Node.js that run.',
    labelNames: ['version', 'node'],
    aggregator: 'max',
    registers: [metrics],
  }).set({ version: packageVersion(import.meta.url), node: process.version }, 1);

  const provisioningLog = createLogWriter({
    db,
    log,
    metrics,
    masker: createMasker(secretNames(types)),
    enabled: (options.retention ?? DEFAULT_RETENTION).scimLogDays > 0,
  });
  const credentials = createCredentials({ db, now });
  const users = createUserCommands({ db, now });
  const groups = createGroupCommands({ db, now });
  const queries = createQueries({ db, now });

  const seal = createSecretBox({ current: options.secretKey, previous: options.previousSecretKeys ?? [] });
  const mailer = createMailer(options.mail);
  const runner = createCommandRunner({ db, now });
  // Links are of no use to what is done on a schedule: no one waits for one.
  const lifecycle = createLifecycleCommands({ db, now, runner, seal, links: linksOf('') });

  const allowPrivateWebhooks = options.allowPrivateWebhooks ?? false;
  const fanOut = createFanOut({ db, now });
  const outgoing = createOutgoing({ db, now, runner, seal });
  const outbound = createOutbound({ allowPrivate: allowPrivateWebhooks });
  const allowPrivateProviders = options.allowPrivateProviders ?? false;
  const toProviders = createOutbound({
    allowPrivate: allowPrivateProviders,
    setting: 'ALLOW_PRIVATE_PROVIDERS',
    timeoutMs: 10_000,
  });
  const relyingParty = createRelyingParty({ outbound: toProviders, now });
  const providers =
    options.providers ??
    createProviderReader({ outbound: toProviders, relyingParty, now, allowPrivate: allowPrivateProviders });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const resolveTxt = options.resolveTxt ?? ((name) => resolver.resolveTxt(name));
  const ssoSchedule: SsoSchedule = {
    refreshMetadata: createMetadataRefresh({ db, now, runner, providers }),
    checkDomains: createDomainChecks({ db, now, runner, resolveTxt }),
    retireKeys: createKeyRetirement({ db, now, runner }),
  };
  const webhooks = webhookJobs(outgoing, createSend({ outgoing, outbound, now }), fanOut);

  const sealEvents = createSealing({ db, now });
  const detection = createDetection({ db, now });
  const mailAlerts = createAlertMails({ db, now, seal });
  const retention = options.retention ?? DEFAULT_RETENTION;
  const reviewTending = createTending({ db, now, runner, seal });
  const reviewOpening = createOpening({ db, now, runner });

  const onFailure = (error: unknown) => log.error({ err: error }, 'a row of an import failed');
  const importRuns = createImportRuns({ db, now, runner, seal, onFailure });

  const internalKinds = [
    ...mailJobs({ db, now, seal, mailer }),
    importJob(importRuns),
    exportJob(db, now),
    elevationExpiryJob(createElevationExpiry({ db, now, runner, seal })),
    ...ssoJobs(ssoSchedule),
    ...maintenanceJobs({
      db,
      now,
      retention,
      purge: lifecycle.purge,
    }),
    sealJob(sealEvents),
    ...alertJobs(detection, mailAlerts),
    ...reviewJobs(reviewOpening, reviewTending),
    ...webhooks.scheduled,
  ];
  /** Every kind of job there is. */
  const kinds = kindsByName([...internalKinds, ...webhooks.deliver]);
  const runKinds = (some: readonly JobKind[]) => runDueJobs({ db, kinds: kindsByName(some), now, log });

  const onUndeclared = options.onUndeclaredAnswer ?? ((message: string) => log.warn(message));
  const limits = createRequestLimits(options.limits ?? UNLIMITED);
  let draining = false;
  const checkDatabase = createReadyCheck(db, options.databaseUrlDirect ?? databaseUrl);
  const checkReady = async () => {
    if (draining) throw new Error('The server is stopping.');
    await checkDatabase();
  };
  const onRequest = [...kinds.values()].filter(({ everySeconds }) => everySeconds === undefined);
  const backlog = measureBacklog(
    metrics,
    onRequest.map(({ name }) => name),
    {
      countJobs: () => countJobs(db, now().toISOString()),
      countWaitingDeliveries: () => countWaitingDeliveries(db),
    },
  );
  const health = createHealthRouter({
    metrics: options.serveMetrics === false ? undefined : metrics,
    checkReady,
    describeTrouble: backlog.describeDeadJobs,
  });
  const trustProxy = options.trustProxy ?? false;
  const clientAddress = createClientAddress(trustProxy);
  const logRequest = createRequestLog(log, metrics);
  const serve = (
    routers: readonly (readonly [path: string, router: Router])[],
    direct: readonly DirectListener[] = [],
  ) => createEdge({ logRequest, direct, app: createApp({ log, trustProxy, routers }) });

  return {
    db,
    metrics,

    listener: (publicUrl) => {
      const scimDependencies = {
        types,
        users,
        groups,
        queries,
        log,
        provisioningLog,
        seal,
        now,
        base: `${publicUrl}${SCIM_PATH}`,
      };
      const scim = createScimListener({ ...scimDependencies, credentials, limits, clientAddress });
      const administration = createAdministration({
        db,
        now,
        seal,
        publicUrl,
        allowPrivateWebhooks,
        providers,
        resolveTxt,
        readProfile: createProfileReader(types),
        activityDays: retention.activityDays,
        carryOut: createReplay(scimDependencies),
      });
      return serve(
        [
          ['/api/v1', createAdmin(administration, publicUrl, limits, onUndeclared)],
          ['/', createSsoRouter({ administration, relyingParty, publicUrl, now })],
          ['/', health],
        ],
        [{ path: SCIM_PATH, listener: scim }],
      );
    },

    healthListener: () => serve([['/', health]]),

    drain: () => {
      draining = true;
    },

    runDueJobsOnce: () => runKinds(internalKinds),
    purge: () => lifecycle.purge(),
    runSsoSchedule: async () => {
      for (const watch of Object.values(ssoSchedule)) await watch();
    },
    deliverWebhooks: async () => {
      await feedIsCurrent(db);
      await fanOut(new AbortController().signal);
      await runKinds(webhooks.deliver);
    },

    watchForAlerts: async () => {
      await feedIsCurrent(db);
      await detection.watchEvents(new AbortController().signal);
      await detection.watchState(new AbortController().signal);
    },
    mailAlerts: () => mailAlerts(SEVERITIES, new AbortController().signal),

    tendReviews: async () => {
      await reviewTending.openScheduled(new AbortController().signal);
      await runKinds(internalKinds);
      await reviewTending.tendOpen(new AbortController().signal);
    },

    sealEvents: async () => {
      await feedIsCurrent(db);
      await sealEvents(new AbortController().signal);
    },

    writeProvisioningLog: () => provisioningLog.flush(),

    work: () => startWorker({ db, kinds, now, log }, options.databaseUrlDirect ?? databaseUrl),

    close: async () => {
      mailer.close();
      await provisioningLog.close();
      await db.close();
    },
  };
}
