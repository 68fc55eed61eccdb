import { type EventChanges, eventId } from '../audit/events.ts';
import { recordEvents } from '../audit/store/append.ts';
import type { Administer, Work } from '../directory/command-runner.ts';
import { Refusal } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { demandAll } from '../directory/roles/rules/guards.ts';
import { outboundUrlProblem } from '../platform/http-client/http-client.ts';
import type { Seal } from '../platform/secret-box.ts';
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
  type WebhookRow,
} from './store/webhooks.ts';

/** How many webhooks an organization may have: each costs a look at the events every few seconds. */
const MOST_WEBHOOKS = 20;
/** How long a secret signs along after another took its place. */
const ROTATION_HOURS = 24;

/** Where events go and which; of a change, what is undefined stays. */
export interface WebhookWords {
  readonly url: string | undefined;
  readonly events: readonly WebhookEvent[] | undefined;
  readonly enabled: boolean | undefined;
}

export interface WebhookCommands {
  /**
   * Sends what happens from now on to an address.
   * @returns the webhook and, this once, its secret
   * @throws Refusal `invalid_address`, `too_many`, `forbidden`
   */
  create(
    by: Authority,
    words: { readonly url: string; readonly events: readonly WebhookEvent[] },
  ): Promise<{ readonly webhook: WebhookRow; readonly secret: string }>;
  /** @throws Refusal `not_found`, `invalid_address`, `forbidden` */
  update(by: Authority, id: string, words: WebhookWords): Promise<WebhookRow>;
  /** Removes a webhook with its delivery log; what waits is not sent. @throws Refusal `not_found`, `forbidden` */
  remove(by: Authority, id: string): Promise<void>;
  /**
   * Gives a webhook another secret; the one before signs along for a day, so that the receiver can change over.
   * @returns the new secret, this once @throws Refusal `not_found`, `forbidden`
   */
  rotate(by: Authority, id: string): Promise<{ readonly secret: string; readonly previousUntil: string }>;
  /**
   * Sends a `webhook.tested`, whatever the webhook asked for.
   * @returns the event, which names the delivery @throws Refusal `not_found`, `conflict`, `forbidden`
   */
  test(by: Authority, id: string): Promise<string>;
}

export interface WebhookDependencies {
  readonly administer: Administer;
  readonly seal: Seal;
  /** Whether a webhook may lead into a private network. */
  readonly allowPrivateWebhooks: boolean;
}

/** Builds the commands that say where events are sent. Needs `webhooks:manage`. */
export function createWebhookCommands({
  administer,
  seal,
  allowPrivateWebhooks,
}: WebhookDependencies): WebhookCommands {
  const checkUrl = (url: string): void => {
    const problem = outboundUrlProblem(url, allowPrivateWebhooks);
    if (problem !== undefined) throw new Refusal('invalid_address', problem);
  };

  return {
    create: (by, { url, events }) =>
      administer.as(by, async ({ tx, org, at, newId, note }, actor) => {
        demandAll(actor, 'webhooks:manage');
        checkUrl(url);
        if ((await listWebhooks(tx, org)).length >= MOST_WEBHOOKS) {
          throw new Refusal(
            'too_many',
            `There are ${MOST_WEBHOOKS} webhooks: remove one before you add another.`,
          );
        }
        const id = newId();
        const secret = makeWebhookSecret();
        const sealedSecret = sealWebhookSecret(seal, id, secret);
        const webhook = await insertWebhook(tx, org, { id, url, events, sealedSecret }, at);
        note({
          action: 'webhook.created',
          target: ['webhook', id],
          changes: { attributes: ['url'], values: { events: [null, events] } },
        });
        return { webhook, secret };
      }),

    update: (by, id, words) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        demandAll(actor, 'webhooks:manage');
        const before = await loadWebhook(work, id);
        const url = words.url ?? before.url;
        const events = words.events ?? before.events;
        if (url !== before.url) checkUrl(url);
        await rewriteWebhook(tx, org, id, { url, events });
        const wasEnabled = before.disabled_at === null;
        const enabled = words.enabled ?? wasEnabled;
        if (enabled && !wasEnabled) await enableWebhook(tx, org, id, at);
        const changes = changesOf(before, { url, events, enabled: wasEnabled || enabled });
        if (changes !== undefined) note({ action: 'webhook.updated', target: ['webhook', id], changes });
        if (!enabled && (await disableWebhook(tx, org, id, 'An administrator disabled it.', at))) {
          note({ action: 'webhook.disabled', target: ['webhook', id] });
        }
        return loadWebhook(work, id);
      }),

    remove: (by, id) =>
      administer.as(by, async ({ tx, org, note }, actor) => {
        demandAll(actor, 'webhooks:manage');
        if (!(await removeWebhook(tx, org, id))) throw noSuchWebhook();
        note({ action: 'webhook.deleted', target: ['webhook', id] });
      }),

    rotate: (by, id) =>
      administer.as(by, async ({ tx, org, time, note }, actor) => {
        demandAll(actor, 'webhooks:manage');
        const secret = makeWebhookSecret();
        const previousUntil = new Date(time.getTime() + ROTATION_HOURS * 3_600_000).toISOString();
        const sealedSecret = sealWebhookSecret(seal, id, secret);
        if (!(await rotateWebhook(tx, org, id, sealedSecret, previousUntil))) throw noSuchWebhook();
        note({ action: 'webhook.secret_rotated', target: ['webhook', id] });
        return { secret, previousUntil };
      }),

    test: (by, id) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at } = work;
        demandAll(actor, 'webhooks:manage');
        demandEnabled(await loadWebhook(work, id));
        const envelope = work.envelope();
        const event = eventId(envelope.idBase, 0);
        await recordEvents(tx, org, envelope, [{ action: 'webhook.tested', target: ['webhook', id] }]);
        await insertDelivery(tx, org, id, { id: event, type: 'webhook.tested' }, at);
        return event;
      }),
  };
}

/** @throws Refusal `not_found` */
async function loadWebhook({ tx, org }: Work, id: string): Promise<WebhookRow> {
  const webhook = await findWebhook(tx, org, id);
  if (webhook === undefined) throw noSuchWebhook();
  return webhook;
}

/** Of the URL only that it changed: it may hold a password of the receiver. */
function changesOf(
  before: WebhookRow,
  after: { readonly url: string; readonly events: readonly string[]; readonly enabled: boolean },
): EventChanges | undefined {
  const sameEvents = before.events.join() === after.events.join();
  const wasEnabled = before.disabled_at === null;
  const attributes = before.url === after.url ? [] : ['url'];
  const values = {
    ...(sameEvents ? {} : { events: [before.events, after.events] as const }),
    ...(wasEnabled === after.enabled ? {} : { enabled: [wasEnabled, after.enabled] as const }),
  };
  if (attributes.length + Object.keys(values).length === 0) return undefined;
  return { ...(attributes.length === 0 ? {} : { attributes }), values };
}

/** Nothing is sent to a webhook that is disabled. @throws Refusal `conflict` */
export function demandEnabled(webhook: WebhookRow): void {
  if (webhook.disabled_at !== null) {
    throw new Refusal('conflict', 'This webhook is disabled: enable it first.');
  }
}

export const noSuchWebhook = (): Refusal => notFound('webhook');
