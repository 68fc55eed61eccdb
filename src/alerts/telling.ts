import type { OrgId, UserId } from '../directory/ids.ts';
import { type Notice, notify } from '../notifications/notify.ts';
import type { Topic } from '../notifications/topics.ts';
import type { Database } from '../platform/db/database.ts';
import { groupBy } from '../platform/group-by.ts';
import { uuidv7 } from '../platform/ids.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { sentenceAbout } from './rules/sentence.ts';
import { topicOf } from './rules/topic.ts';
import { type AlertRow, findOrganizationsToTell, holdUntold, markTold } from './store/alerts.ts';

/** Alerts that one transaction tells of. */
const BATCH = 50;

export interface AlertTellingDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
}

/** Builds what tells of open alerts that no one was told of: administrators, and users of what concerns their account. */
export function createAlertTelling({ db, now, seal }: AlertTellingDependencies) {
  const tellBatch = (org: OrgId) =>
    db.transaction(org, async (tx) => {
      const alerts = await holdUntold(tx, org, BATCH);
      const time = now();
      const at = time.toISOString();
      const context = { tx, org, time, at, newId: () => uuidv7(time.getTime()) };
      const notices: { readonly topic: Topic; readonly notice: Notice }[] = alerts.flatMap((alert) => [
        { topic: topicOf(alert), notice: noticeOf(alert) },
        ...noticesToSubject(alert).map((notice) => ({ topic: 'own_sign_ins' as const, notice })),
      ]);
      for (const [topic, each] of groupBy(notices, (one) => one.topic)) {
        await notify(
          context,
          seal,
          topic,
          each.map(({ notice }) => notice),
        );
      }
      await markTold(
        tx,
        org,
        alerts.map(({ id }) => id),
        at,
      );
      return alerts.length;
    });

  return async (signal: AbortSignal): Promise<void> => {
    const tell = async (org: OrgId) => {
      do signal.throwIfAborted();
      while ((await tellBatch(org)) === BATCH);
    };
    await attemptEach(await findOrganizationsToTell(db), tell, signal);
  };
}

function noticeOf({ id, severity, user, userId, connection, detail }: AlertRow): Notice {
  const whom = user?.name ?? user?.email ?? connection ?? 'your organization';
  return {
    key: id,
    line: `${severity.toUpperCase()}: ${sentenceAbout(whom, detail.why, '. ')}`,
    about: userId ?? undefined,
    path: `/alerts?open=${id}`,
  };
}

/** What the user is told whom an alert is about: only what they should act upon themselves. */
function noticesToSubject({ id, kind, userId, user, lastAt, detail }: AlertRow): readonly Notice[] {
  if (userId === null || user?.type !== 'user') return [];
  const to = userId as UserId;
  const at = `${lastAt.slice(0, 16).replace('T', ' ')} UTC`;
  if (kind === 'failed_sign_ins') {
    const line = `Wrong passwords locked your account at ${at}. If that was not you, tell your administrator; to use it again, ask them to unlock it.`;
    return [{ key: id, to, line, mail: { template: 'own_sign_in', notice: 'locked', at: lastAt } }];
  }
  if (kind === 'new_location') {
    const line = `${detail.why} If that was not you, change your password and tell your administrator.`;
    const mail = { template: 'own_sign_in', notice: 'new_network', at: lastAt, why: detail.why } as const;
    return [{ key: id, to, line, mail }];
  }
  return [];
}
