import type { EventChanges } from '../audit/catalogue.ts';
import { eventId } from '../audit/envelope.ts';
import { startFeed } from '../audit/feed.ts';
import { recordEvents } from '../audit/store/append.ts';
import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { requireReal } from '../directory/organizations/store/demonstrations.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Executor } from '../platform/db/statement.ts';
import { outboundUrlProblem } from '../platform/http-client/http-client.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { HOUR_MS } from '../platform/time.ts';
import { DISABLED_BY_ADMINISTRATOR } from './rules/retries.ts';
import type { WebhookEvent } from './rules/subscriptions.ts';
import { makeWebhookSecret, sealWebhookSecret } from './secrets.ts';
import { insertDelivery } from './store/deliveries.ts';
import {
  disableWebhook,
  enableWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  removeWebhook,
  rewriteWebhook,
  rotateWebhook,
  type Webhook,
} from './store/webhooks.ts';

/** How many webhooks an organization may have: each costs a look at the events every few seconds. */
const MOST_WEBHOOKS = 20;
/** How long a secret signs along after another took its place. */
const ROTATION_HOURS = 24;

/** Where events go and which; of a change, what is undefined stays. */
export interface WebhookInput {
  readonly url: string | undefined;
  readonly events: readonly WebhookEvent[] | undefined;
  readonly enabled: boolean | undefined;
}

export interface WebhookCommands {
  /**
   * Sends what happens from now on to an address.
   * @returns the webhook and, this once, its secret
   * @throws DomainError `invalid_address`, `too_many`, `forbidden`
   */
  create(
    by: Authority,
    words: { readonly url: string; readonly events: readonly WebhookEvent[] },
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }>;
  /** @throws DomainError `not_found`, `invalid_address`, `forbidden` */
  update(by: Authority, id: string, words: WebhookInput): Promise<Webhook>;
  /** Removes a webhook with its delivery log; what waits is not sent. @throws DomainError `not_found`, `forbidden` */
  remove(by: Authority, id: string): Promise<void>;
  /**
   * Gives a webhook another secret; the one before signs along for a day, so that the receiver can change over.
   * @returns the new secret, this once @throws DomainError `not_found`, `forbidden`
   */
  rotate(by: Authority, id: string): Promise<{ readonly secret: string; readonly previousUntil: string }>;
  /**
   * Sends a `webhook.tested`, whatever the webhook asked for.
   * @returns the event, which names the delivery @throws DomainError `not_found`, `conflict`, `forbidden`
   */
  test(by: Authority, id: string): Promise<string>;
}

export interface WebhookDependencies {
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  /** Whether a webhook may lead into a private network. */
  readonly allowPrivateWebhooks: boolean;
}

/** Builds the commands that configure where events are sent. Needs `webhooks:manage`. */
export function createWebhookCommands({
  runner,
  seal,
  allowPrivateWebhooks,
}: WebhookDependencies): WebhookCommands {
  const checkUrl = (url: string): void => {
    const problem = outboundUrlProblem(url, allowPrivateWebhooks);
    if (problem !== undefined) throw new DomainError('invalid_address', problem);
  };

  return {
    create: (by, { url, events }) =>
      runner.runAs(by, async ({ tx, org, at, newId, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        checkUrl(url);
        if ((await listWebhooks(tx, org)).length >= MOST_WEBHOOKS) {
          throw new DomainError(
            'too_many',
            `There are ${MOST_WEBHOOKS} webhooks: remove one before you add another.`,
          );
        }
        const id = newId();
        const secret = makeWebhookSecret();
        const sealedSecret = sealWebhookSecret(seal, id, secret);
        await startReading(tx, org);
        const webhook = await insertWebhook(tx, org, { id, url, events, sealedSecret }, at);
        recordEvent({
          action: 'webhook.created',
          target: ['webhook', id],
          changes: { attributes: ['url'], values: { events: [null, events] } },
        });
        return { webhook, secret };
      }),

    update: (by, id, words) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        requireWholeOrganization(actor, 'webhooks:manage');
        const before = await loadWebhook(context, id);
        const url = words.url ?? before.url;
        const events = words.events ?? before.events;
        if (url !== before.url) checkUrl(url);
        const wasEnabled = before.disabledAt === null;
        const enabled = words.enabled ?? wasEnabled;
        if (enabled && !wasEnabled) await startReading(tx, org);
        await rewriteWebhook(tx, org, id, { url, events });
        if (enabled && !wasEnabled) await enableWebhook(tx, org, id, at);
        const changes = changesOf(before, { url, events, enabled: wasEnabled || enabled });
        if (changes !== undefined)
          recordEvent({ action: 'webhook.updated', target: ['webhook', id], changes });
        if (!enabled && (await disableWebhook(tx, org, id, DISABLED_BY_ADMINISTRATOR, at))) {
          recordEvent({ action: 'webhook.disabled', target: ['webhook', id] });
        }
        return loadWebhook(context, id);
      }),

    remove: (by, id) =>
      runner.runAs(by, async ({ tx, org, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        if (!(await removeWebhook(tx, org, id))) throw webhookNotFound();
        recordEvent({ action: 'webhook.deleted', target: ['webhook', id] });
      }),

    rotate: (by, id) =>
      runner.runAs(by, async ({ tx, org, time, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        const secret = makeWebhookSecret();
        const previousUntil = new Date(time.getTime() + ROTATION_HOURS * HOUR_MS).toISOString();
        const sealedSecret = sealWebhookSecret(seal, id, secret);
        if (!(await rotateWebhook(tx, org, id, sealedSecret, previousUntil))) throw webhookNotFound();
        recordEvent({ action: 'webhook.secret_rotated', target: ['webhook', id] });
        return { secret, previousUntil };
      }),

    test: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at } = context;
        requireWholeOrganization(actor, 'webhooks:manage');
        requireEnabled(await loadWebhook(context, id));
        await requireReal(tx, org);
        const envelope = context.envelope();
        const event = eventId(envelope.idBase, 0);
        await recordEvents(tx, org, envelope, [{ action: 'webhook.tested', target: ['webhook', id] }]);
        await insertDelivery(tx, org, id, { id: event, type: 'webhook.tested' }, at);
        return event;
      }),
  };
}

/**
 * Lets the feed begin now if no webhook listens: what happened before is not read only to be left out. Before any webhook
 * is written, since who reads the feed takes the cursor first and webhooks after it.
 */
async function startReading(tx: Executor, org: OrgId): Promise<void> {
  if ((await listWebhooks(tx, org)).some(({ disabledAt }) => disabledAt === null)) return;
  await startFeed(tx, org, 'webhooks');
}

/** @throws DomainError `not_found` */
async function loadWebhook({ tx, org }: CommandContext, id: string): Promise<Webhook> {
  const webhook = await findWebhook(tx, org, id);
  if (webhook === undefined) throw webhookNotFound();
  return webhook;
}

/** Of the URL only that it changed: it may contain a password of the receiver. */
function changesOf(
  before: Webhook,
  after: { readonly url: string; readonly events: readonly string[]; readonly enabled: boolean },
): EventChanges<'webhook.updated'> | undefined {
  const sameEvents = before.events.join() === after.events.join();
  const wasEnabled = before.disabledAt === null;
  const attributes = before.url === after.url ? [] : ['url'];
  const values = {
    ...(sameEvents ? {} : { events: [before.events, after.events] as const }),
    ...(wasEnabled === after.enabled ? {} : { enabled: [wasEnabled, after.enabled] as const }),
  };
  if (attributes.length + Object.keys(values).length === 0) return undefined;
  return { ...(attributes.length === 0 ? {} : { attributes }), values };
}

/** Nothing is sent to a webhook that is disabled. @throws DomainError `conflict` */
export function requireEnabled(webhook: Webhook): void {
  if (webhook.disabledAt !== null) {
    throw new DomainError('conflict', 'This webhook is disabled: enable it first.');
  }
}

export const webhookNotFound = (): DomainError => notFound('webhook');
