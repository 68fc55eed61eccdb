import {
  IconActivity,
  IconArrowUpCircle,
  IconBell,
  IconBraces,
  IconChartPie,
  IconChecklist,
  IconHierarchy3,
  IconHistory,
  IconHome,
  IconKey,
  IconListDetails,
  IconLogin2,
  IconPlugConnected,
  IconRobot,
  IconSettings,
  IconSitemap,
  IconUsers,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Me } from '../api/me.ts';

export interface Place {
  readonly to: string;
  readonly label: string;
  /** Where a phone has no room for the label. */
  readonly shortLabel?: string;
  readonly icon: TablerIcon;
  readonly section: 'People' | 'Sign-on and sync' | 'Oversight' | 'Developers' | undefined;
  /** Whether the signed-in user may use its page. */
  readonly shownTo: (me: Me) => boolean;
}

/** The pages of the menu, in its order; the command palette finds the same. */
export const PLACES: readonly Place[] = [
  { to: '/', label: 'Home', icon: IconHome, section: undefined, shownTo: () => true },
  {
    to: '/users',
    label: 'Users',
    icon: IconUsers,
    section: 'People',
    shownTo: (me) => me.mayForOthers('users:read'),
  },
  {
    to: '/groups',
    label: 'Groups',
    icon: IconHierarchy3,
    section: 'People',
    shownTo: (me) => me.mayForOthers('users:read'),
  },
  {
    to: '/elevations',
    label: 'Temporary roles',
    icon: IconArrowUpCircle,
    section: 'People',
    shownTo: (me) => me.may('elevation:approve'),
  },
  {
    to: '/reviews',
    label: 'Access reviews',
    shortLabel: 'Reviews',
    icon: IconChecklist,
    section: 'People',
    shownTo: (me) => me.mayForOthers('reviews:decide'),
  },
  {
    to: '/single-sign-on',
    label: 'Single sign-on',
    icon: IconLogin2,
    section: 'Sign-on and sync',
    shownTo: (me) => me.may('sso:manage'),
  },
  {
    to: '/provisioning',
    label: 'Provisioning',
    icon: IconPlugConnected,
    section: 'Sign-on and sync',
    shownTo: (me) => me.may('scim:manage'),
  },
  {
    to: '/alerts',
    label: 'Alerts',
    icon: IconBell,
    section: 'Oversight',
    shownTo: (me) => me.may('alerts:manage'),
  },
  {
    to: '/activity',
    label: 'Activity',
    icon: IconActivity,
    section: 'Oversight',
    shownTo: (me) => me.mayForOthers('activity:read'),
  },
  {
    to: '/audit',
    label: 'Audit',
    icon: IconListDetails,
    section: 'Oversight',
    shownTo: (me) => me.may('audit:read'),
  },
  {
    to: '/posture',
    label: 'Posture',
    icon: IconChartPie,
    section: 'Oversight',
    shownTo: (me) => me.mayForOthers('users:read'),
  },
  {
    to: '/history',
    label: 'History',
    icon: IconHistory,
    section: 'Oversight',
    shownTo: (me) => me.may('audit:read'),
  },
  {
    to: '/api-keys',
    label: 'API keys',
    icon: IconKey,
    section: 'Developers',
    shownTo: (me) => me.scopeOf('api_keys:own') !== undefined,
  },
  {
    to: '/service-accounts',
    label: 'Service accounts',
    icon: IconRobot,
    section: 'Developers',
    shownTo: (me) => me.may('api_keys:manage'),
  },
  {
    to: '/webhooks',
    label: 'Webhooks',
    icon: IconWebhook,
    section: 'Developers',
    shownTo: (me) => me.may('webhooks:manage'),
  },
  {
    to: '/jobs',
    label: 'Jobs',
    icon: IconSitemap,
    section: 'Developers',
    shownTo: (me) => me.may('settings:manage'),
  },
  {
    to: '/api-reference',
    label: 'API reference',
    icon: IconBraces,
    section: 'Developers',
    shownTo: () => true,
  },
  {
    to: '/settings',
    label: 'Settings',
    icon: IconSettings,
    section: undefined,
    shownTo: (me) => me.may('settings:manage'),
  },
];

/** What the bar of a phone leads to, in its order. */
const IN_BAR = ['/', '/users', '/alerts', '/reviews'];

/** The places of the bar of a phone. Instead of one that the user may not see there is the next one of the menu. */
export function placesInBar(me: Me): readonly Place[] {
  const shown = PLACES.filter((place) => place.shownTo(me));
  const usual = IN_BAR.flatMap((to) => shown.filter((place) => place.to === to));
  return [...usual, ...shown.filter((place) => !usual.includes(place))].slice(0, IN_BAR.length);
}
