import type { Core } from '../core.ts';
import type { Mailer } from '../platform/mailer.ts';
import { mailJobs, notificationJobs } from './jobs.ts';
import { createNotificationPreferences } from './preferences.ts';
import { notificationRoutes } from './routes.ts';
import { createNotificationSending } from './sending.ts';

/** Who is told what, where and how often. */
export function notificationsFeature(core: Core, { mailer }: { readonly mailer: Mailer }) {
  const sending = createNotificationSending(core);
  return {
    sending,
    routes: notificationRoutes({ preferences: createNotificationPreferences(core) }),
    jobs: [...mailJobs({ ...core, mailer }), ...notificationJobs(sending)],
  };
}
