import { z } from 'zod';
import type { Role } from '../directory/users/user.ts';
import type { Suggestion } from './rules/suggestion.ts';

/** What reviews are about: their shapes, which settings and routes share, and how one and its items look. */

const uuid = z.uuid({ error: 'must be an id (a UUID).' }).toLowerCase();

/** Whom a review is about; all conditions on users hold together. */
export const scopeShape = z
  .strictObject({
    users: z.boolean().default(true).meta({ description: 'Whether users are reviewed.' }),
    groups: z
      .array(uuid)
      .min(1)
      .max(100, 'At most 100 groups.')
      .optional()
      .meta({ description: 'Only members of one of these groups.' }),
    privileged: z
      .boolean()
      .default(false)
      .meta({ description: 'Only users whose effective role is configure or admin.' }),
    inactiveDays: z
      .int()
      .min(1)
      .max(3_650)
      .optional()
      .meta({ description: 'Only users who were inactive for so many days.' }),
    programs: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether service accounts and API keys are reviewed, too.' }),
  })
  .refine(({ users, programs }) => users || programs, 'must have users or programs.');
export type ReviewScope = z.output<typeof scopeShape>;

const REVIEWER_RULES = ['managers', 'group_managers', 'owners', 'people'] as const;

/** Who reviews; any administrator if the rule finds no reviewer. */
export const reviewersShape = z
  .strictObject({
    rule: z.enum(REVIEWER_RULES).meta({
      description:
        'managers: the managers of the user’s groups; group_managers: those of the groups of the scope; owners; people: those in users.',
    }),
    users: z
      .array(uuid)
      .min(1)
      .max(50, 'At most 50 people.')
      .optional()
      .meta({ description: 'The reviewers of the rule people.' }),
  })
  .refine(({ rule, users }) => rule !== 'people' || users !== undefined, {
    path: ['users'],
    message: 'Name the people.',
  });
export type Reviewers = z.output<typeof reviewersShape>;

export const UNDECIDED = ['leave', 'keep'] as const;
export type Undecided = (typeof UNDECIDED)[number];

const FREQUENCIES = ['monthly', 'quarterly', 'half_yearly', 'yearly'] as const;

/** The organization's setting: reviews that open by themselves (R126). */
export const scheduleShape = z.strictObject({
  enabled: z.boolean(),
  frequency: z.enum(FREQUENCIES),
  scope: scopeShape,
  reviewers: reviewersShape,
  daysUntilDue: z.int().min(1).max(90),
  inactiveDays: z.int().min(1).max(3_650),
  undecided: z.enum(UNDECIDED),
});
export type ReviewSchedule = z.output<typeof scheduleShape>;

export const DEFAULT_SCHEDULE: ReviewSchedule = {
  enabled: false,
  frequency: 'quarterly',
  scope: { users: true, privileged: false, programs: false },
  reviewers: { rule: 'managers' },
  daysUntilDue: 21,
  inactiveDays: 90,
  undecided: 'leave',
};

export const REVIEW_STATES = ['opening', 'open', 'closed'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];
export type Phase = 'users' | 'service_accounts' | 'api_keys' | 'done';

/** A review as it is stored. Times are ISO 8601. */
export interface Review {
  readonly id: string;
  readonly title: string;
  readonly state: ReviewState;
  readonly scope: ReviewScope;
  readonly reviewers: Reviewers;
  readonly inactiveDays: number;
  readonly undecided: Undecided;
  /** The day on which the period of a scheduled review begins. */
  readonly scheduledFor: string | null;
  readonly periodFrom: string;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly dueAt: string;
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly phase: Phase;
  readonly nextSubject: string | null;
  /** How many items there were to be when it was created. */
  readonly expected: number;
  readonly items: number;
  readonly kept: number;
  readonly rolesChanged: number;
  readonly groupsRemoved: number;
  readonly deactivated: number;
  readonly notices: readonly string[];
  readonly remindedAt: string | null;
}

export const SUBJECT_TYPES = ['user', 'service_account', 'api_key'] as const;
export type SubjectType = (typeof SUBJECT_TYPES)[number];

export const DECISIONS = ['keep', 'change_role', 'remove_group', 'deactivate'] as const;
export type Decision = (typeof DECISIONS)[number];

export const RISKS = ['high', 'medium', 'low'] as const;
export type Risk = (typeof RISKS)[number];

/** A group of a user when they were reviewed. */
export interface SnapshotGroup {
  readonly id: string;
  readonly name: string;
  readonly inGroupRole: 'member' | 'manager';
  readonly role: Role | null;
  readonly sources: readonly string[];
}

export interface SnapshotElevation {
  readonly id: string;
  readonly role: Role;
  readonly startsAt: string;
  readonly expiresAt: string;
}

export interface SnapshotGrant {
  readonly group: string;
  readonly resourceType: string;
  readonly resource: string | null;
  /** What it was called then; left out by reviews of older versions. */
  readonly resourceName?: string | null;
  readonly tag: string | null;
  readonly level: 'use' | 'edit' | 'manage';
}

/** What can be said about the use of a user's rights (R130). */
export interface RightsInUse {
  readonly used: readonly { readonly permission: string; readonly lastAt: string }[];
  readonly unused: readonly string[];
  /** Rights whose use leaves no trace in the audit trail. */
  readonly unknown: readonly string[];
}

/** What was there when it was reviewed; no names of people. What does not apply to a subject is null. */
export interface Snapshot {
  readonly status: string;
  readonly role: Role | null;
  readonly effectiveRole: Role | null;
  readonly owner: boolean;
  readonly source: string | null;
  readonly managed: boolean;
  readonly groups: readonly SnapshotGroup[];
  readonly grants: readonly SnapshotGrant[];
  readonly elevations: readonly SnapshotElevation[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastLoginAt: string | null;
  /** Of a service account or a key the last use. */
  readonly lastActiveAt: string | null;
  readonly activityEvents: number | null;
  readonly rights: RightsInUse | null;
  readonly scopes: readonly string[] | null;
  /** Of a key that belongs to one. */
  readonly serviceAccount: string | null;
}

/** What an item becomes when it is inserted. */
export interface NewItem {
  readonly id: string;
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  /** The user whom it is about, or who answers for it. */
  readonly userId: string | null;
  /** Empty: any administrator. */
  readonly reviewers: readonly string[];
  readonly snapshot: Snapshot;
  readonly suggestion: Suggestion;
}

/** The facts that a decision changed. */
export type Outcome = Readonly<Record<string, unknown>>;
