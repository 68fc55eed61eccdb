import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { requestDeliveryJob } from './delivery-jobs.ts';

const columns = `id, url, events, created_at as "createdAt", disabled_at as "disabledAt",
  disabled_reason as "disabledReason", failed_at as "failedAt", previous_until as "previousUntil"`;

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: string[];
  readonly createdAt: string;
  readonly disabledAt: string | null;
  readonly disabledReason: string | null;
  /** Null if the last attempt succeeded, or none was made. */
  readonly failedAt: string | null;
  /** Until when the secret before this one signs along. */
  readonly previousUntil: string | null;
}

const insert: Statement = {
  name: 'webhook-insert',
  text: `insert into webhooks (org_id, id, url, events, sealed_secret, since, created_at)
    values ($1, $2, $3, $4, $5, $6, $6) returning ${columns}`,
};

export interface NewWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly sealedSecret: string;
}

/** Adds a webhook; it gets the events after `at`. */
export async function insertWebhook(
  tx: Executor,
  org: OrgId,
  { id, url, events, sealedSecret }: NewWebhook,
  at: string,
): Promise<Webhook> {
  return (await tx.query<Webhook>(insert, [org, id, url, events, sealedSecret, at]))[0] as Webhook;
}

const list: Statement = {
  name: 'webhook-list',
  text: `select ${columns} from webhooks where org_id = $1 order by id`,
};

/** All webhooks of an organization, the oldest first; commands see to it that they are few. */
export function listWebhooks(db: Executor, org: OrgId): Promise<Webhook[]> {
  return db.query<Webhook>(list, [org]);
}

const byId: Statement = {
  name: 'webhook-by-id',
  text: `select ${columns} from webhooks where org_id = $1 and id = $2`,
};

export async function findWebhook(db: Executor, org: OrgId, id: string): Promise<Webhook | undefined> {
  return (await db.query<Webhook>(byId, [org, id]))[0];
}

const rewrite: Statement = {
  name: 'webhook-rewrite',
  text: 'update webhooks set url = $3, events = $4 where org_id = $1 and id = $2',
};

export async function rewriteWebhook(
  tx: Executor,
  org: OrgId,
  id: string,
  { url, events }: Pick<NewWebhook, 'url' | 'events'>,
): Promise<void> {
  await tx.query(rewrite, [org, id, url, events]);
}

const disable: Statement = {
  name: 'webhook-disable',
  text: `update webhooks set disabled_at = $4, disabled_reason = $3
    where org_id = $1 and id = $2 and disabled_at is null returning id`,
};

/** @returns false if it is disabled already, or gone */
export async function disableWebhook(
  tx: Executor,
  org: OrgId,
  id: string,
  reason: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(disable, [org, id, reason, at])).length > 0;
}

const enable: Statement = {
  name: 'webhook-enable',
  text: `update webhooks set disabled_at = null, disabled_reason = null, failed_at = null, since = $3
    where org_id = $1 and id = $2`,
};

/** What happened while it was disabled is never sent; what waited then is. */
export async function enableWebhook(tx: Executor, org: OrgId, id: string, at: string): Promise<void> {
  await tx.query(enable, [org, id, at]);
  await requestDeliveryJob(tx, org, id, at);
}

const rotate: Statement = {
  name: 'webhook-rotate',
  text: `update webhooks set sealed_previous = sealed_secret, previous_until = $4, sealed_secret = $3
    where org_id = $1 and id = $2 returning id`,
};

/** Puts a secret in the place of another, which signs along until a time. @returns false if there is no such webhook */
export async function rotateWebhook(
  tx: Executor,
  org: OrgId,
  id: string,
  sealedSecret: string,
  previousUntil: string,
): Promise<boolean> {
  return (await tx.query(rotate, [org, id, sealedSecret, previousUntil])).length > 0;
}

const remove: Statement = {
  name: 'webhook-remove',
  text: 'delete from webhooks where org_id = $1 and id = $2 returning id',
};

/** Removes a webhook with its deliveries. @returns false if there is no such webhook */
export async function removeWebhook(tx: Executor, org: OrgId, id: string): Promise<boolean> {
  return (await tx.query(remove, [org, id])).length > 0;
}
