import type { CommandContext } from '../directory/command-runner.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { groupBy } from '../platform/group-by.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { type Mail, type MailContent, sendMail } from './mails.ts';
import { groupByTopic } from './rules/digest.ts';
import { FLOOD_MS, mayMailAtOnce } from './rules/flood.ts';
import { findRecentMails, insertLines, type NewLine, settleLines } from './store/notifications.ts';
import { findAdministrators, findRecipients, type Recipient } from './store/recipients.ts';
import { frequencyOf, isInAudience, TOPIC_DECLARATIONS, type Topic } from './topics.ts';

/** Something to tell. */
export interface Notice {
  /** What makes two of a topic the same: a recipient is told once. */
  readonly key: string;
  /** A sentence, for a digest or a mail with several. */
  readonly line: string;
  /** The user whom it is about: goes with their erasure. */
  readonly about?: string | undefined;
  /** Where in the console it is. */
  readonly path?: string | undefined;
  /** The only recipient. */
  readonly to?: UserId | undefined;
  /** The mail of it alone; one with its line by default. */
  readonly mail?: MailContent | undefined;
}

/** Narrows who is told. */
export interface Narrowing {
  readonly except?: string | undefined;
  /** Whether a user's rights reach what the notice is about, besides the topic. */
  readonly only?: (recipient: Recipient) => boolean;
}

/**
 * Tells of a topic, in the transaction of what happened. It decides who is told: whom a notice names, or else everyone of
 * the topic's audience; and how often: what they chose, within what the topic and the organization allow. What is told at
 * once is in the outbox when the transaction commits; the rest waits for the digest; a flood becomes one mail.
 * @returns who is told now or later
 */
export async function notify(
  context: Pick<CommandContext, 'tx' | 'org' | 'at' | 'time' | 'newId'>,
  seal: SecretBox,
  topic: Topic,
  notices: readonly Notice[],
  { except, only }: Narrowing = {},
): Promise<ReadonlySet<string>> {
  const { tx, org, at, newId } = context;
  const everyone = new Set(
    notices.some(({ to }) => to === undefined) && TOPIC_DECLARATIONS[topic].audience !== 'self'
      ? await findAdministrators(tx, org, at)
      : [],
  );
  const ids = new Set([...notices.flatMap(({ to }) => to ?? []), ...everyone]);
  const recipients = (await findRecipients(tx, org, [...ids], at)).filter(
    (each) => each.id !== except && isInAudience(topic, each.rights) && (only === undefined || only(each)),
  );
  if (recipients.length === 0) return new Set();

  const { organization, settings } = await findSettings(tx, org);
  const told = new Map<string, { readonly recipient: Recipient; readonly notice: Notice; line: NewLine }>();
  for (const recipient of recipients) {
    const frequency = frequencyOf(topic, recipient.rights, settings, recipient.chosen.get(topic));
    if (frequency === 'off') continue;
    for (const notice of notices) {
      if (notice.to === undefined ? !everyone.has(recipient.id) : notice.to !== recipient.id) continue;
      const { key, about, line, path } = notice;
      const id = newId();
      told.set(id, {
        recipient,
        notice,
        line: { id, user: recipient.id, topic, key, about, line, path, frequency },
      });
    }
  }
  const inserted = await insertLines(
    tx,
    org,
    at,
    [...told.values()].map(({ line }) => line),
  );
  const fresh = [...told.values()].filter(({ line }) => inserted.has(line.id));
  const atOnce = groupBy(
    fresh.filter(({ line }) => line.frequency === 'at_once'),
    ({ recipient }) => recipient,
  );
  await mailAtOnce(context, seal, topic, organization, atOnce);
  return new Set([...told.values()].map(({ recipient }) => recipient.id));
}

async function mailAtOnce(
  { tx, org, at, time, newId }: Pick<CommandContext, 'tx' | 'org' | 'at' | 'time' | 'newId'>,
  seal: SecretBox,
  topic: Topic,
  organization: string,
  byRecipient: ReadonlyMap<Recipient, readonly { readonly notice: Notice; readonly line: NewLine }[]>,
): Promise<void> {
  if (byRecipient.size === 0) return;
  const since = new Date(time.getTime() - FLOOD_MS).toISOString();
  const users = [...byRecipient.keys()].map(({ id }) => id);
  const recent = await findRecentMails(tx, org, users, [topic], since);
  const mailed = new Map(recent.map(({ user, mails }) => [user, mails]));
  const settled = new Map<string, string>();
  for (const [{ id: user, email }, all] of byRecipient) {
    if (!mayMailAtOnce(mailed.get(user) ?? 0)) continue;
    const [first, ...more] = all;
    const alone = more.length === 0 ? first?.notice.mail : undefined;
    const content = alone ?? noticesMail(all.map(({ line }) => line));
    const mail = { ...content, to: email, organization } as Mail;
    const mailId = newId();
    await sendMail(tx, seal, org, mailId, mail, { recipient: { user, topic } });
    for (const { line } of all) settled.set(line.id, mailId);
  }
  await settleLines(tx, org, at, settled);
}

/** One mail with several lines of one topic. */
export function noticesMail(
  lines: readonly {
    readonly topic: Topic;
    readonly line: string;
    readonly path?: string | null | undefined;
  }[],
): MailContent {
  const [section] = groupByTopic(lines);
  if (section === undefined) throw new Error('A mail without a line.');
  const [path] = lines.length === 1 ? lines.map((each) => each.path ?? undefined) : [];
  return { template: 'notices', ...section, ...(path === undefined ? {} : { path }) };
}
