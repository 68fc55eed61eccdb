import type { EventAction } from '../audit/catalogue.ts';
import { isOwner, type Rights, reach } from '../directory/roles/authority.ts';
import type { Permission } from '../directory/roles/rules/permissions.ts';

/** How often someone is told: with a mail for each, with one mail a day, or not by mail. */
export const FREQUENCIES = ['at_once', 'daily', 'off'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** What people are told of. */
export const TOPICS = [
  'own_account',
  'own_sign_ins',
  'own_elevations',
  'review',
  'review_oversight',
  'elevation_request',
  'locked_out',
  'new_location',
  'mass_change',
  'urgent_alert',
  'alert',
  'expiring',
  'dead_job',
] as const;
export type Topic = (typeof TOPICS)[number];

export interface TopicDeclaration {
  /** For people; the heading of its mails. */
  readonly title: string;
  readonly description: string;
  /** Who is told: the user whom it is about, or active users with a permission, at all or in the whole organization. */
  readonly audience: 'self' | { readonly permission: Permission; readonly wholeOrganization: boolean };
  /** Ends the sentence "You get this mail because …". */
  readonly because: string;
  readonly default: Frequency;
  /** What a user may choose; only the default where nothing may be chosen. */
  readonly allowed: readonly Frequency[];
  /** True for what owners are always told at once. */
  readonly ownersAtOnce?: true;
  /** Events that webhooks get of the same. */
  readonly events: readonly EventAction[];
}

const administrators = (permission: Permission) => ({ permission, wholeOrganization: true }) as const;

/** Each topic, declared once: who is told, how often, and what may be chosen. */
export const TOPIC_DECLARATIONS: Readonly<Record<Topic, TopicDeclaration>> = {
  own_account: {
    title: 'Changes to your account',
    description: 'Your password, address, role, groups or second factor were changed.',
    audience: 'self',
    because: 'it is about your own account',
    default: 'at_once',
    allowed: ['at_once'],
    events: [
      'user.updated',
      'user.role_changed',
      'user.email_changed',
      'password.changed',
      'second_factor.disabled',
    ],
  },
  own_sign_ins: {
    title: 'Sign-ins to your account',
    description: 'Your account was locked, or a sign-in came from a new network.',
    audience: 'self',
    because: 'it is about the security of your own account',
    default: 'at_once',
    allowed: ['at_once'],
    events: ['user.locked', 'alert.opened'],
  },
  own_elevations: {
    title: 'Your temporary access',
    description: 'Temporary access was given to you, refused, or has ended.',
    audience: 'self',
    because: 'it is about your own access',
    default: 'at_once',
    allowed: ['at_once'],
    events: ['elevation.granted', 'elevation.rejected', 'elevation.revoked', 'elevation.expired'],
  },
  review: {
    title: 'Access reviews that wait for you',
    description: 'A review was opened for you, is due soon, or is overdue.',
    audience: { permission: 'reviews:decide', wholeOrganization: false },
    because: 'you are a reviewer',
    default: 'at_once',
    allowed: ['at_once', 'daily'],
    events: ['review.opened', 'review.reminded', 'review.escalated'],
  },
  review_oversight: {
    title: 'Access reviews that need help',
    description: 'A review is overdue, or a reviewer can no longer decide.',
    audience: administrators('reviews:decide'),
    because: 'you are an administrator',
    default: 'at_once',
    allowed: FREQUENCIES,
    events: ['review.escalated', 'review.reassigned'],
  },
  elevation_request: {
    title: 'Requests for temporary access',
    description: 'A user asks for a role that needs an approval.',
    audience: administrators('elevation:approve'),
    because: 'you may approve it',
    default: 'at_once',
    allowed: FREQUENCIES,
    events: ['elevation.requested'],
  },
  locked_out: {
    title: 'Locked accounts',
    description: 'Wrong passwords locked an account.',
    audience: administrators('alerts:manage'),
    because: 'you are an administrator',
    default: 'at_once',
    allowed: FREQUENCIES,
    events: ['user.locked', 'alert.opened'],
  },
  new_location: {
    title: 'Sign-ins from new networks',
    description: 'A user signed in from a network that is new for them.',
    audience: administrators('alerts:manage'),
    because: 'you are an administrator',
    default: 'daily',
    allowed: FREQUENCIES,
    events: ['alert.opened'],
  },
  mass_change: {
    title: 'Mass changes',
    description: 'A connection takes access from many users at once, or such a change is held.',
    audience: administrators('alerts:manage'),
    because: 'you are an administrator',
    default: 'at_once',
    allowed: ['at_once', 'daily'],
    ownersAtOnce: true,
    events: ['alert.opened', 'connection.mass_change_held'],
  },
  urgent_alert: {
    title: 'Urgent alerts',
    description: 'An alert of high severity that is no topic of its own.',
    audience: administrators('alerts:manage'),
    because: 'you are an administrator',
    default: 'at_once',
    allowed: FREQUENCIES,
    events: ['alert.opened'],
  },
  alert: {
    title: 'Other alerts',
    description: 'An alert of low or medium severity that is no topic of its own.',
    audience: administrators('alerts:manage'),
    because: 'you are an administrator',
    default: 'daily',
    allowed: FREQUENCIES,
    events: ['alert.opened'],
  },
  expiring: {
    title: 'Tokens, certificates and keys that expire',
    description: 'A SCIM token, a certificate or an API key is about to expire.',
    audience: administrators('alerts:manage'),
    because: 'you are an administrator',
    default: 'at_once',
    allowed: FREQUENCIES,
    events: ['alert.opened'],
  },
  dead_job: {
    title: 'Background work that failed',
    description: 'A job failed for good.',
    audience: administrators('settings:manage'),
    because: 'you are an administrator',
    default: 'at_once',
    allowed: FREQUENCIES,
    events: [],
  },
};

/** Whether a user's rights reach a topic: such a user may be told of it. */
export function isInAudience(topic: Topic, rights: Rights): boolean {
  if (rights.status !== 'active') return false;
  const { audience } = TOPIC_DECLARATIONS[topic];
  if (audience === 'self') return true;
  const scope = reach(rights, audience.permission);
  return audience.wholeOrganization ? scope === 'all' : scope !== 'none';
}

/** What an organization has set. */
export interface NotificationSettings {
  readonly notificationDefaults: Readonly<Partial<Record<Topic, Frequency>>>;
  readonly notificationsRequired: readonly Topic[];
}

/** What a user may choose of a topic. */
export function allowedFrequencies(
  topic: Topic,
  rights: Rights,
  { notificationsRequired }: NotificationSettings,
): readonly Frequency[] {
  const { allowed, ownersAtOnce } = TOPIC_DECLARATIONS[topic];
  if (notificationsRequired.includes(topic) || (ownersAtOnce === true && isOwner(rights))) return ['at_once'];
  return allowed;
}

/** How often a user is told of a topic who has chosen nothing. */
export function defaultFrequency(topic: Topic, rights: Rights, settings: NotificationSettings): Frequency {
  const allowed = allowedFrequencies(topic, rights, settings);
  const wanted = [settings.notificationDefaults[topic], TOPIC_DECLARATIONS[topic].default];
  return wanted.find((each) => each !== undefined && allowed.includes(each)) ?? 'at_once';
}

/** How often a user is told of a topic. @param chosen what they chose, which holds while it is allowed */
export function frequencyOf(
  topic: Topic,
  rights: Rights,
  settings: NotificationSettings,
  chosen: Frequency | undefined,
): Frequency {
  const allowed = allowedFrequencies(topic, rights, settings);
  return chosen !== undefined && allowed.includes(chosen)
    ? chosen
    : defaultFrequency(topic, rights, settings);
}
