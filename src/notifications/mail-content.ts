import { countOf, minutesInWords } from '../platform/counts.ts';
import { writtenTime } from '../platform/time.ts';
import type { Paragraphs } from './mail-layout.ts';
import type { Mail } from './mails.ts';
import type { DigestSection } from './rules/digest.ts';
import { TOPIC_DECLARATIONS, type Topic } from './topics.ts';

const readable = (iso: string): string => writtenTime(iso, 'weekday');

const linesOf = ({ lines, more }: DigestSection): readonly string[] =>
  more === 0 ? lines : [...lines, `… and ${more} more.`];

/** What a mail says. */
export function contentOf(mail: Mail): Paragraphs {
  const { organization } = mail;
  switch (mail.template) {
    case 'invitation':
      return {
        subject: `${mail.inviter} invites you to ${organization}`,
        heading: `Join ${organization}`,
        paragraphs: [
          `${mail.inviter} has invited you to ${organization}. Set up your account to get started.`,
        ],
        button: { label: 'Set up your account', link: mail.link },
        notes: [
          `The invitation expires on ${readable(mail.expiresAt)} (${mail.expiresAt}).`,
          'If you did not expect this invitation, you can ignore this email. Nothing happens until you open the link.',
        ],
      };
    case 'password_reset':
      return {
        subject: `Set a new password for ${organization}`,
        heading: 'Set a new password',
        paragraphs: [`Someone requested a new password for your account at ${organization}.`],
        button: { label: 'Set a new password', link: mail.link },
        notes: [
          `The link works once, until ${readable(mail.expiresAt)} (${mail.expiresAt}).`,
          'If this was not you, ignore this email. Your password stays the same.',
        ],
      };
    case 'password_changed':
      return {
        subject: `Your password for ${organization} was changed`,
        heading: 'Your password was changed',
        paragraphs: [
          `The password of your account at ${organization} was changed, and you were signed out of your other sessions.`,
        ],
        notes: ['If this was not you, reset your password now and tell your administrator.'],
      };
    case 'email_change':
      return {
        subject: `Confirm your new email address for ${organization}`,
        heading: 'Confirm your new email address',
        paragraphs: [
          `This address is to become the address of an account at ${organization}. Confirm that it is yours: from then on you sign in with it.`,
        ],
        button: { label: 'Confirm the address', link: mail.link },
        notes: [
          `The link works once, until ${readable(mail.expiresAt)} (${mail.expiresAt}).`,
          'If you did not expect this mail, ignore it: the account keeps its address.',
        ],
      };
    case 'email_changed':
      return {
        subject: `The email address of your account at ${organization} was changed`,
        heading: 'Your email address was changed',
        paragraphs: [
          `Your account at ${organization} now has the address ${mail.newEmail}. Sign in with it; your sessions were ended.`,
        ],
        notes: ['If you did not expect this change, tell your administrator now.'],
      };
    case 'identity_confirmation':
      return {
        subject: `Confirm signing in to ${organization} with ${mail.connection}`,
        heading: 'Is this you?',
        paragraphs: [
          `Someone signed in to ${organization} through ${mail.connection} with your email address. If this was you, confirm it. From then on you sign in to ${organization} through ${mail.connection}.`,
        ],
        button: { label: 'Yes, connect it to my account', link: mail.link },
        notes: [
          `The link works once, until ${readable(mail.expiresAt)} (${mail.expiresAt}).`,
          'If this was not you, ignore this email and tell your administrator. Nothing changes.',
        ],
      };
    case 'account_changed':
      return {
        subject: `Your account at ${organization} was changed`,
        heading: 'Your account was changed',
        paragraphs: [`${mail.by} changed your account at ${organization}:`],
        sections: [{ items: mail.changes }],
        notes: ['If you have questions, ask your administrator.'],
      };
    case 'elevation_granted':
      return {
        subject: `You have temporary ${mail.role} access to ${organization}`,
        heading: `You have temporary ${mail.role} access`,
        paragraphs: [
          `${mail.by} gave you temporary ${mail.role} access to ${organization} until ${readable(mail.expiresAt)} (${mail.expiresAt}).`,
        ],
        notes: ['You do not need to do anything: the access ends at that time.'],
      };
    case 'notices': {
      const { topic, lines, more } = mail;
      const { title } = TOPIC_DECLARATIONS[topic];
      const [first = ''] = lines;
      return {
        subject: `${organization}: ${lines.length === 1 ? first : `${title}, ${lines.length + more}`}`,
        heading: title,
        paragraphs: [`This happened at ${organization}:`],
        sections: [{ items: linesOf(mail) }],
        notes: isOfAlerts(topic) ? [DECIDE_ALERT] : [],
      };
    }
    case 'digest': {
      const lines = mail.sections.reduce((sum, each) => sum + each.lines.length + each.more, 0);
      return {
        subject: `${organization}: ${countOf(lines, 'notification')}`,
        heading: 'Your notifications of the day',
        paragraphs: [`This happened at ${organization}:`],
        sections: mail.sections.map((each) => ({
          heading: TOPIC_DECLARATIONS[each.topic].title,
          items: linesOf(each),
        })),
        notes: mail.sections.some(({ topic }) => isOfAlerts(topic)) ? [DECIDE_ALERT] : [],
      };
    }
    case 'own_sign_in':
      return ownSignInContent(mail);
    case 'elevation_requested':
      return {
        subject: `${mail.requester} asks for temporary ${mail.role} access to ${organization}`,
        heading: 'A request for temporary access',
        paragraphs: [
          `${mail.requester} asks for temporary ${mail.role} access to ${organization}, for ${minutesInWords(mail.minutes)} from your approval on.`,
          `The reason: ${mail.justification}`,
        ],
        notes: ['Approve or reject it. Until then nothing changes.'],
      };
    case 'elevation_rejected':
      return {
        subject: `Your request for temporary ${mail.role} access to ${organization} was rejected`,
        heading: 'Your request was rejected',
        paragraphs: [
          `Your request for temporary ${mail.role} access to ${organization} was rejected.`,
          ...(mail.reason === undefined ? [] : [`The reason: ${mail.reason}`]),
        ],
        notes: ['If you still need the access, speak with an administrator and request it again.'],
      };
    case 'seal':
      return {
        subject: `${organization}: seal ${mail.n} of the audit trail`,
        heading: `Seal ${mail.n} of the audit trail`,
        paragraphs: [
          `Keep this mail: it is how you can tell later that nobody rewrote the audit trail of ${organization} up to ${readable(mail.sealedAt)} (${mail.sealedAt}).`,
          'The digest of the seal is:',
        ],
        sections: [{ items: [mail.digest] }],
        notes: [
          'To compare it with the audit trail: rollcall audit verify --seal with this digest or a file with this mail, or GET /api/v1/audit/verify?seal= with the digest.',
        ],
      };
    case 'review':
      return reviewContent(mail);
    case 'elevation_ended':
      return {
        subject: `Your temporary ${mail.role} access to ${organization} has ended`,
        heading: `Your temporary ${mail.role} access has ended`,
        paragraphs: ['You have your previous role again.'],
        notes: ['If you still need the access, request it again.'],
      };
  }
}

/** Topics whose lines are alerts, which administrators decide about. */
const isOfAlerts = (topic: Topic): boolean => {
  const { audience } = TOPIC_DECLARATIONS[topic];
  return audience !== 'self' && audience.permission === 'alerts:manage';
};
const DECIDE_ALERT = 'Look at each alert and decide: what is not suspicious will not be reported again.';

function ownSignInContent(mail: Extract<Mail, { readonly template: 'own_sign_in' }>): Paragraphs {
  const { organization, notice, at, why } = mail;
  if (notice === 'locked') {
    return {
      subject: `Your account at ${organization} was locked`,
      heading: 'Your account was locked',
      paragraphs: [
        `Wrong passwords locked your account at ${organization} on ${readable(at)} (${at}).`,
        'To use it again, ask your administrator to unlock it.',
      ],
      notes: ['If that was not you, tell your administrator: someone may be guessing your password.'],
    };
  }
  return {
    subject: `A new sign-in to your account at ${organization}`,
    heading: 'A sign-in from a new network',
    paragraphs: [
      `Someone signed in to your account at ${organization} on ${readable(at)} (${at}).`,
      ...(why === undefined ? [] : [why]),
    ],
    notes: [
      'If it was you, there is nothing to do.',
      'If it was not you, change your password, end your other sessions, and tell your administrator.',
    ],
  };
}

function reviewContent(mail: Extract<Mail, { readonly template: 'review' }>): Paragraphs {
  const { organization, title, undecided, dueAt, notice } = mail;
  const items = countOf(undecided, 'item waits', 'items wait');
  const due = `It is due on ${readable(dueAt)} (${dueAt}).`;
  const decide = 'Decide about each: keep the access, change the role, remove a group, or deactivate.';
  const overdue = `It was due on ${readable(dueAt)} (${dueAt}).`;
  switch (notice) {
    case 'opened':
      return {
        subject: `Review who has access to ${organization}: ${title}`,
        heading: 'An access review waits for you',
        paragraphs: [`${items} for your decision in the access review “${title}” of ${organization}.`, due],
        notes: [decide],
      };
    case 'due_in_7':
    case 'due_in_1':
    case 'reminder':
      return {
        subject: `${items} for your decision: ${title}`,
        heading:
          notice === 'due_in_1' ? 'An access review is due tomorrow' : 'An access review waits for you',
        paragraphs: [`${items} for your decision in the access review “${title}” of ${organization}.`, due],
        notes: [decide],
      };
    case 'overdue':
      return {
        subject: `Overdue, ${items} for your decision: ${title}`,
        heading: 'An access review is overdue',
        paragraphs: [
          `${items} for your decision in the access review “${title}” of ${organization}.`,
          `${overdue} The owners of ${organization} have been told.`,
        ],
        notes: [decide],
      };
    case 'escalated':
      return {
        subject: `Overdue at ${organization}: ${title}`,
        heading: 'An access review is overdue',
        paragraphs: [`${items} for a decision in the access review “${title}” of ${organization}.`, overdue],
        notes: ['Its reviewers have been reminded. You can decide for them, or close the review.'],
      };
    case 'reassigned':
      return {
        subject: `A reviewer left: ${title}`,
        heading: 'A reviewer can no longer decide',
        paragraphs: [
          `A reviewer of the access review “${title}” of ${organization} left or lost the right to decide. ${items} for others now.`,
          due,
        ],
        notes: ['Administrators decide about what has no other reviewer.'],
      };
  }
}
