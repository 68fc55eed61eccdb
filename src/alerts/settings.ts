import { z } from 'zod';
import { readStored } from '../directory/organizations/settings.ts';
import { isTimeZone } from '../platform/time-zone.ts';
import { isNetwork } from './networks.ts';
import { ALERT_KINDS, type AlertKind } from './rules/alert.ts';

const enabled = z.boolean().default(true).meta({ description: 'Whether the rule opens alerts.' });
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 07:00.');

/** What an administrator may set of each rule, with what holds until they do. */
export const RULE_SETTINGS = {
  new_location: z.object({
    enabled,
    allowedNetworks: z
      .array(
        z.string().max(64).refine(isNetwork, 'must be a network such as 198.51.100.0/24, or an address.'),
      )
      .max(200)
      .default([])
      .meta({ description: 'Networks of the organization, such as 198.51.100.0/24 or 2001:db8:1::/48.' }),
  }),
  failed_sign_ins: z.object({ enabled }),
  password_spraying: z.object({
    enabled,
    failures: z.int().min(3).max(10_000).default(10),
    users: z.int().min(2).max(1_000).default(5),
  }),
  sensitive_action: z.object({ enabled }),
  off_hours: z.object({
    enabled: z.boolean().default(false).meta({ description: 'Whether the rule opens alerts.' }),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'must be a time zone such as Europe/Berlin.')
      .default('UTC'),
    days: z.array(z.int().min(1).max(7)).max(7).default([1, 2, 3, 4, 5]),
    from: clock.default('07:00'),
    to: clock.default('20:00'),
    holidays: z.array(z.iso.date()).max(200).default([]),
  }),
  query_volume: z.object({ enabled }),
  mass_change: z.object({
    enabled,
    percent: z.int().min(1).max(100).default(20),
    atLeast: z.int().min(1).max(100_000).default(10),
    windowMinutes: z.int().min(5).max(1_440).default(60),
  }),
  expiring: z.object({ enabled, days: z.int().min(1).max(90).default(14) }),
  silent_connection: z.object({ enabled, hours: z.int().min(1).max(720).default(72) }),
  failing_stream: z.object({ enabled, hours: z.int().min(1).max(720).default(24) }),
  missing_domain_record: z.object({ enabled, hours: z.int().min(1).max(720).default(24) }),
} as const satisfies Record<AlertKind, z.ZodObject>;

export type RuleSettings = { readonly [Kind in AlertKind]: z.output<(typeof RULE_SETTINGS)[Kind]> };

/** All rules of an organization, from what it has stored of each. */
export function readRules(stored: ReadonlyMap<string, unknown>): RuleSettings {
  return Object.fromEntries(
    ALERT_KINDS.map((kind) => [kind, readStored(RULE_SETTINGS[kind] as z.ZodObject, stored.get(kind))]),
  ) as unknown as RuleSettings;
}
