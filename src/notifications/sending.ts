import type { CommandContext } from '../directory/command-runner.ts';
import type { OrgId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { countOf } from '../platform/counts.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { groupBy } from '../platform/group-by.ts';
import { uuidv7 } from '../platform/ids.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { HOUR_MS, writtenTime } from '../platform/time.ts';
import { sendMail } from './mails.ts';
import { noticesMail, notify } from './notify.ts';
import { digestPeriod, groupByTopic } from './rules/digest.ts';
import { FLOOD_MS, mayMailHeld } from './rules/flood.ts';
import {
  claimDigest,
  type DeadJobs,
  findDeadJobs,
  findOrganizationsWaiting,
  findRecentMails,
  holdWaiting,
  settleLines,
  type WaitingLine,
} from './store/notifications.ts';
import { findRecipients } from './store/recipients.ts';
import { frequencyOf, isInAudience } from './topics.ts';

/** Lines that one transaction tells; of a digest the rest is told the next day. */
const MOST_HELD = 1_000;
const MOST_IN_DIGESTS = 20_000;
/** How far back jobs that died are told of: longer than a worker is away between two versions. */
const DEAD_HOURS = 2;

export interface NotificationDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
}

export interface NotificationSending {
  /** Tells of jobs that died; each kind once an hour. */
  tellDeadJobs(signal: AbortSignal): Promise<void>;
  /** Sends what a flood held back: one mail for each recipient and topic. */
  sendHeld(signal: AbortSignal): Promise<void>;
  /** Sends the digests that are due: one a day for each organization, however many processes ask. */
  sendDigests(signal: AbortSignal): Promise<void>;
}

type Context = Pick<CommandContext, 'tx' | 'org' | 'at' | 'time' | 'newId'>;

/** Builds what sends notifications that are not sent with what they tell of. */
export function createNotificationSending({ db, now, seal }: NotificationDependencies): NotificationSending {
  const within = (org: OrgId, work: (context: Context) => Promise<unknown>): Promise<void> =>
    db.transaction(org, async (tx) => {
      await work(contextAt(tx, org, now()));
    });

  return {
    tellDeadJobs: async (signal) => {
      const dead = await findDeadJobs(db, new Date(now().getTime() - DEAD_HOURS * HOUR_MS).toISOString());
      const byOrganization = [...groupBy(dead, ({ org }) => org)];
      await attemptEach(
        byOrganization,
        ([org, kinds]) =>
          within(org, (context) => notify(context, seal, 'dead_job', kinds.map(describeDeadJobs))),
        signal,
      );
    },

    sendHeld: async (signal) => {
      const send = (org: OrgId) =>
        within(org, async (context) => {
          const lines = await holdWaiting(context.tx, org, 'at_once', afterNow(context.time), MOST_HELD);
          const topics = [...new Set(lines.map(({ topic }) => topic))];
          const users = [...new Set(lines.map(({ user }) => user))];
          const since = new Date(context.time.getTime() - FLOOD_MS).toISOString();
          const recent = await findRecentMails(context.tx, org, users, topics, since);
          const lastAt = new Map(recent.map((each) => [`${each.user} ${each.topic}`, each.lastAt]));
          const ready = lines.filter(({ user, topic }) =>
            mayMailHeld(lastAt.get(`${user} ${topic}`) ?? null, context.time),
          );
          const groups = groupBy(ready, ({ user, topic }) => `${user} ${topic}`);
          await sendTogether(context, seal, [...groups.values()], (own) => noticesMail(own));
        });
      await attemptEach(await findOrganizationsWaiting(db, 'at_once'), send, signal);
    },

    sendDigests: async (signal) => {
      const send = (org: OrgId) =>
        within(org, async (context) => {
          const { tx, time } = context;
          const { digestHour, digestTimeZone } = (await findSettings(tx, org)).settings;
          const { day, begins } = digestPeriod(time, digestHour, digestTimeZone);
          const lines = await holdWaiting(tx, org, 'daily', begins.toISOString(), MOST_IN_DIGESTS);
          if (lines.length === 0 || !(await claimDigest(tx, org, day))) return;
          const groups = groupBy(lines, ({ user }) => user);
          await sendTogether(context, seal, [...groups.values()], (own) => ({
            template: 'digest',
            sections: groupByTopic(own),
          }));
        });
      await attemptEach(await findOrganizationsWaiting(db, 'daily'), send, signal);
    },
  };
}

/**
 * Sends one mail for each group of lines, which have one recipient, and settles them. Lines of whose topic the recipient
 * is not told any more are settled and told to no one.
 */
async function sendTogether(
  { tx, org, at, newId }: Context,
  seal: SecretBox,
  groups: readonly (readonly WaitingLine[])[],
  compose: (lines: readonly WaitingLine[]) => ReturnType<typeof noticesMail>,
): Promise<void> {
  if (groups.length === 0) return;
  const { organization, settings } = await findSettings(tx, org);
  const users = groups.flatMap(([first]) => first?.user ?? []);
  const found = await findRecipients(tx, org, [...new Set(users)], at);
  const recipients = new Map(found.map((each) => [each.id, each]));
  const settled = new Map<string, string | undefined>();
  for (const lines of groups) {
    const [first] = lines;
    const recipient = first === undefined ? undefined : recipients.get(first.user);
    const wanted = lines.filter(
      ({ topic }) =>
        recipient !== undefined &&
        isInAudience(topic, recipient.rights) &&
        frequencyOf(topic, recipient.rights, settings, recipient.chosen.get(topic)) !== 'off',
    );
    const mailId = newId();
    const isTold = new Set(wanted.map(({ id }) => id));
    for (const { id } of lines) settled.set(id, isTold.has(id) ? mailId : undefined);
    if (recipient === undefined || wanted.length === 0) continue;
    const content = compose(wanted);
    const topic = content.template === 'digest' ? 'digest' : (wanted[0] as WaitingLine).topic;
    const mail = { ...content, to: recipient.email, organization };
    await sendMail(tx, seal, org, mailId, mail, { recipient: { user: recipient.id, topic } });
  }
  await settleLines(tx, org, at, settled);
}

function describeDeadJobs({ kind, jobs, lastAt }: DeadJobs) {
  const hour = lastAt.slice(0, 13);
  return {
    key: `${kind} ${hour}`,
    line: `${countOf(jobs, 'job')} of the kind ${kind} failed for good, the last on ${writtenTime(lastAt)}: see what failed (GET /api/v1/jobs?state=dead), mend its cause, and retry.`,
    path: '/jobs?state=dead',
  };
}

const contextAt = (tx: Executor, org: OrgId, time: Date): Context => ({
  tx,
  org,
  time,
  at: time.toISOString(),
  newId: () => uuidv7(time.getTime()),
});

/** Later than everything that is recorded now. */
const afterNow = (time: Date): string => new Date(time.getTime() + HOUR_MS).toISOString();
