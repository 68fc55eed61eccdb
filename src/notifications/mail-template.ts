import { truncate } from '../platform/truncate.ts';
import { contentOf } from './mail-content.ts';
import { layout } from './mail-layout.ts';
import type { Links, Mail } from './mails.ts';
import { TOPIC_DECLARATIONS, type Topic } from './topics.ts';

/** What a mail looks like. */
export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Makes the letter of a mail: a subject, a text and the same in HTML. @param links a mail has a button only to a page that exists */
export function renderMail(mail: Mail, { page }: Pick<Links, 'page'>): Rendered {
  const content = contentOf(mail);
  const link = page(pathOf(mail) ?? '');
  const why = whyOf(mail);
  const shown = {
    ...content,
    ...(link !== undefined &&
      content.button === undefined && { button: { label: 'Open in Rollcall', link } }),
    ...(why !== undefined && { why }),
  };
  return { subject: oneLine(content.subject), ...layout(mail.organization, shown) };
}

/** Where in the console the subject of a mail is. */
function pathOf(mail: Mail): string | undefined {
  switch (mail.template) {
    case 'notices':
      return mail.path;
    case 'review':
      return `/reviews/${mail.id}`;
    case 'elevation_requested':
      return '/elevations';
    default:
      return undefined;
  }
}

/** The topic of a mail; undefined for what its recipient asked for, such as a link to sign in. */
function topicOf(mail: Mail): Topic | undefined {
  switch (mail.template) {
    case 'password_changed':
    case 'email_changed':
    case 'account_changed':
      return 'own_account';
    case 'own_sign_in':
      return 'own_sign_ins';
    case 'elevation_granted':
    case 'elevation_ended':
    case 'elevation_rejected':
      return 'own_elevations';
    case 'elevation_requested':
      return 'elevation_request';
    case 'review':
      return mail.notice === 'escalated' || mail.notice === 'reassigned' ? 'review_oversight' : 'review';
    case 'notices':
      return mail.topic;
    default:
      return undefined;
  }
}

/** Why the recipient gets a mail, and how to change it. */
function whyOf(mail: Mail): readonly string[] | undefined {
  if (mail.template === 'digest') {
    return [
      'You get this mail once a day, with what you are not told of at once.',
      'To change which mails you get, see your notification settings (/api/v1/me/notifications).',
    ];
  }
  const topic = topicOf(mail);
  if (topic === undefined) return undefined;
  const { because, allowed } = TOPIC_DECLARATIONS[topic];
  const change =
    allowed.length === 1
      ? 'It cannot be switched off.'
      : 'To be told less often, see your notification settings (/api/v1/me/notifications).';
  return [`You get this mail because ${because}.`, change];
}

/** A subject is one line, whatever a name in it contains. */
const oneLine = (text: string): string => truncate(text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '), 200);
