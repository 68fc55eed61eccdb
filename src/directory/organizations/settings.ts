import { z } from 'zod';
import { FREQUENCIES, TOPICS } from '../../notifications/topics.ts';
import { isTimeZone } from '../../platform/time-zone.ts';
import { postureLimitsShape } from '../../posture/limits.ts';
import { DEFAULT_SCHEDULE, scheduleShape } from '../../reviews/review.ts';
import { INVALID_EMAIL } from '../users/rules/email-address.ts';

/** What an administrator may set for the organization, with what holds until they do. */
export const settingsShape = z.object({
  /** Guard rule 4. */
  onlyOwnersGrantAdmin: z.boolean().default(false).meta({ description: 'Only owners may grant admin.' }),
  /** Minutes after which a locked account opens by itself; null: only "Unlock Account" opens it (R141). */
  autoUnlockMinutes: z.int().min(1).max(1_440).nullable().default(null).meta({
    description:
      'Minutes after which a locked account unlocks itself; null: only an administrator unlocks it.',
  }),
  scimDeleteIsHard: z.boolean().default(false).meta({
    description:
      'A SCIM DELETE hides the user and erases them within two hours, unless it turns out to be a part of a mass change (R92).',
  }),
  sessionIdleMinutes: z.int().min(5).max(43_200).default(720).meta({
    description: 'Minutes without a request after which a session ends.',
  }),
  sessionMaxHours: z.int().min(1).max(2_160).default(168).meta({
    description: 'Hours after which a session ends, even if it is used.',
  }),
  purgeAfterDays: z.int().min(1).max(3_650).default(30).meta({
    description: 'Days after which a soft-deleted user is erased.',
  }),
  trainingRequired: z.boolean().default(false).meta({
    description: 'No role above readonly before the security training is done (R119).',
  }),
  elevationApproval: z
    .strictObject({ train: z.boolean(), configure: z.boolean(), admin: z.boolean() })
    .default({ train: true, configure: true, admin: true })
    .meta({
      description:
        'Whether a user’s request for this temporary role needs an approval; otherwise it takes effect immediately.',
    }),
  onboardingItems: z
    .array(
      z.object({
        key: z
          .string()
          .regex(
            /^[a-z][a-z0-9_]{0,39}$/,
            'Use up to 40 lower-case letters, digits and underscores: badge_collected.',
          ),
        label: z.string().trim().min(1, 'Say what is to be done.').max(200),
      }),
    )
    .max(50)
    .refine(
      (items) => new Set(items.map(({ key }) => key)).size === items.length,
      'Each key may be there once.',
    )
    .default([
      { key: 'account_set_up', label: 'Account set up and first sign-in done' },
      { key: 'groups_assigned', label: 'Added to the groups of the team' },
      { key: 'security_training', label: 'Security training completed' },
      { key: 'second_factor', label: 'Second factor set up' },
      { key: 'introduction', label: 'Introduction to agents and data sources' },
    ])
    .meta({
      description:
        'The checklist of every new user (R116). Items with the keys account_set_up, groups_assigned, second_factor and first_question tick themselves.',
    }),
  reviewSchedule: scheduleShape.default(DEFAULT_SCHEDULE).meta({
    description: 'Access reviews that open by themselves at the beginning of each period (R126).',
  }),
  postureLimits: postureLimitsShape.default(postureLimitsShape.parse({})).meta({
    description: 'From which numbers on GET /posture warns (R135). A limit that is left out has its default.',
  }),
  digestHour: z.int().min(0).max(23).default(8).meta({
    description: 'The hour of the day at which what is told daily is mailed.',
  }),
  digestTimeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone such as Europe/Berlin.')
    .default('UTC')
    .meta({ description: 'The time zone of digestHour.', example: 'Europe/Berlin' }),
  notificationDefaults: z
    .partialRecord(z.enum(TOPICS), z.enum(FREQUENCIES))
    .default({})
    .meta({
      description:
        'How often users who have chosen nothing get mails about a topic; Rollcall’s default for the others.',
      example: { alert: 'at_once' },
    }),
  notificationsRequired: z
    .array(z.enum(TOPICS))
    .max(TOPICS.length)
    .default([])
    .meta({
      description: 'Topics of which everyone whose rights reach them is told at once, whatever they chose.',
      example: ['mass_change'],
    }),
  sealRecipients: z
    .array(z.email({ error: INVALID_EMAIL }).max(254))
    .max(5)
    .refine((all) => new Set(all).size === all.length, 'Each address may be there once.')
    .default([])
    .meta({
      description:
        'Addresses that get the newest seal of the audit trail once a day, so that nobody can rewrite it unnoticed. Use addresses outside of what the owner of the database can reach.',
    }),
});

export type Settings = z.output<typeof settingsShape>;

/** A partial set of settings; missing ones do not fall back to their defaults. */
export const settingsChangesShape = changesShapeOf(settingsShape) as z.ZodType<Partial<Settings>>;

/** Parts of which every one has a default. */
type Defaulted = Readonly<Record<string, z.ZodDefault<z.ZodType>>>;

/** A partial document without unknown fields; missing fields do not fall back to their defaults. */
export function changesShapeOf<Shape extends Defaulted>(
  shape: z.ZodObject<Shape>,
): z.ZodObject<
  { [Name in keyof Shape]: z.ZodOptional<ReturnType<Shape[Name]['removeDefault']>> },
  z.core.$strict
> {
  const parts = Object.entries<z.ZodDefault<z.ZodType>>(shape.shape).map(([name, part]) => [
    name,
    part
      .removeDefault()
      .optional()
      .meta(part.meta() ?? {}),
  ]);
  return z.strictObject(Object.fromEntries(parts)) as never;
}

/** Reads stored settings, each by itself: one that a newer version wrote differently falls back, the others hold. */
export function readSettings(stored: unknown): Settings {
  return readStored(settingsShape, stored);
}

/** Reads a stored document whose every part has a default; a part that is not as it must be gets it. */
export function readStored<Shape extends z.ZodRawShape>(
  shape: z.ZodObject<Shape>,
  stored: unknown,
): z.output<z.ZodObject<Shape>> {
  const given = Object.entries(typeof stored === 'object' && stored !== null ? stored : {});
  const readable = given.filter(([name, value]) => {
    const part = Object.hasOwn(shape.shape, name) ? (shape.shape[name] as unknown as z.ZodType) : undefined;
    return part?.safeParse(value).success === true;
  });
  return shape.parse(Object.fromEntries(readable));
}
