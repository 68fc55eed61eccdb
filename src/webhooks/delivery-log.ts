import type { CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import { requireReal } from '../directory/organizations/store/demonstrations.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import { requireEnabled, webhookNotFound } from './commands.ts';
import { composeWebhookBody } from './rules/body.ts';
import {
  type Delivery,
  type DeliveryPage,
  findDelivery,
  listDeliveries,
  replayDelivery,
} from './store/deliveries.ts';
import { findWebhook, listWebhooks, type Webhook } from './store/webhooks.ts';

export type { Delivery } from './store/deliveries.ts';
export type { Webhook } from './store/webhooks.ts';

export interface DeliveryLog {
  /** All webhooks, the oldest first. @throws DomainError `forbidden` */
  webhooks(by: Authority): Promise<Webhook[]>;
  /** @throws DomainError `not_found`, `forbidden` */
  webhook(by: Authority, id: string): Promise<Webhook>;
  /**
   * What was sent to a webhook and what became of it, the newest event first.
   * @throws DomainError `not_found`, `forbidden`
   */
  deliveries(by: Authority, webhook: string, page: DeliveryPage): Promise<Delivery[]>;
  /**
   * One of them, with the body that is sent; undefined once its event has been deleted.
   * @throws DomainError `not_found`, `forbidden`
   */
  delivery(
    by: Authority,
    webhook: string,
    event: string,
  ): Promise<Delivery & { readonly body: string | undefined }>;
  /**
   * Sends a delivery again, delivered or not, now and if need be on the whole schedule.
   * @throws DomainError `not_found`, `conflict` while the webhook is disabled or the delivery on its way, `forbidden`
   */
  replay(by: Authority, webhook: string, event: string): Promise<Delivery>;
}

/** Builds what tells where events went. Needs `webhooks:manage`. */
export function createDeliveryLog({
  db,
  runner,
}: {
  readonly db: Database;
  readonly runner: CommandRunner;
}): DeliveryLog {
  const visible = async (by: Authority, id: string): Promise<Webhook> => {
    requireWholeOrganization(by, 'webhooks:manage');
    const webhook = await findWebhook(db, by.org, id);
    if (webhook === undefined) throw webhookNotFound();
    return webhook;
  };

  return {
    webhooks: async (by) => {
      requireWholeOrganization(by, 'webhooks:manage');
      return listWebhooks(db, by.org);
    },

    webhook: visible,

    deliveries: async (by, webhook, page) => {
      await visible(by, webhook);
      return listDeliveries(db, by.org, webhook, page);
    },

    delivery: async (by, webhook, event) => {
      await visible(by, webhook);
      const found = await findDelivery(db, by.org, webhook, event);
      if (found === undefined) throw deliveryNotFound();
      return { ...found, body: found.action === null ? undefined : composeWebhookBody(found) };
    },

    replay: (by, id, event) =>
      runner.runAs(by, async ({ tx, org, at }, actor) => {
        requireWholeOrganization(actor, 'webhooks:manage');
        const webhook = await findWebhook(tx, org, id);
        if (webhook === undefined) throw webhookNotFound();
        requireEnabled(webhook);
        await requireReal(tx, org);
        const delivery = await replayDelivery(tx, org, id, event, at);
        if (delivery === undefined) throw deliveryNotFound();
        if (delivery === 'busy') {
          throw new DomainError('conflict', 'This delivery is on its way: look again in a minute.');
        }
        return delivery;
      }),
  };
}

const deliveryNotFound = () => notFound('delivery');
