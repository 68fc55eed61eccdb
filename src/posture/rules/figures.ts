import type { PostureLimits } from '../limits.ts';

export const FIGURES = [
  'owners',
  'admins',
  'configure',
  'privileged_without_second_factor',
  'without_second_factor',
  'inactive',
  'outside_sso',
  'unused_service_accounts',
  'unused_api_keys',
  'api_keys_without_expiry',
] as const;
export type FigureKey = (typeof FIGURES)[number];

/** Days without activity or use. */
export const UNUSED_DAYS = 90;

/** A share warns only from this many people on: in a small organization two administrators are many and right. */
const FEWEST = 4;

/** People by their effective roles, as far as they are counted. */
export interface RoleCounts {
  readonly activePeople: number;
  readonly owners: number;
  /** Owners included. */
  readonly admins: number;
  /** Without admins. */
  readonly configure: number;
}

/**
 * What is counted; undefined where the caller may not see it, or there is no such thing, and null where counting ran over
 * its time limit.
 */
export type Counts = { readonly [Key in FigureKey]?: number | null | undefined };

const NOT_COUNTED = 'Counting this took too long: try again when the database has less to do.';
const SHARE_NOT_KNOWN =
  'Counting the active people took too long, so their share is not known: try again when the database has less to do.';

export interface Figure {
  readonly key: FigureKey;
  /** Null where counting it took too long. */
  readonly count: number | null;
  /** Percent of the active people, to one decimal; null for what is no share of people, and where one of both is not known. */
  readonly percent: number | null;
  /** The most that is fine: of people in percent where `isPercent`. */
  readonly limit: number;
  readonly isPercent: boolean;
  /** A sentence where the limit is passed; null where it is not. */
  readonly warning: string | null;
  /** A sentence that says what is not known, and so not compared with the limit; null where all is. */
  readonly notCounted: string | null;
  /** A month before, if history knows it. */
  readonly previous: { readonly count: number; readonly percent: number | null } | null;
}

interface Meaning {
  readonly limit: keyof PostureLimits;
  /** Whether the figure is a share of the active people. */
  readonly ofPeople: boolean;
  /** What so many are, and what to do about it. */
  readonly words: (count: string, isOne: boolean) => string;
}

const MEANINGS: Readonly<Record<FigureKey, Meaning>> = {
  owners: {
    limit: 'owners',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} ${isOne ? 'person is an owner' : 'people are owners'}: take the ownership from those who do not need it.`,
  },
  admins: {
    limit: 'adminPercent',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} ${isOne ? 'person is' : 'people are'} admin: give those who need it rarely a temporary role instead.`,
  },
  configure: {
    limit: 'configurePercent',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} ${isOne ? 'person is' : 'people are'} configure: review who still needs it.`,
  },
  privileged_without_second_factor: {
    limit: 'privilegedWithoutSecondFactor',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} ${isOne ? 'person with the role configure or admin signs' : 'people with the role configure or admin sign'} in with a password alone: ask them to set up a second factor.`,
  },
  without_second_factor: {
    limit: 'withoutSecondFactorPercent',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} active ${isOne ? 'person signs' : 'people sign'} in with a password alone: ask for a second factor, or use single sign-on.`,
  },
  inactive: {
    limit: 'inactivePercent',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} active ${isOne ? 'person has' : 'people have'} not been active for ${UNUSED_DAYS} days: deactivate those who left.`,
  },
  outside_sso: {
    limit: 'outsideSsoPercent',
    ofPeople: true,
    words: (count, isOne) =>
      `${count} active ${isOne ? 'person is' : 'people are'} linked to no identity provider: what the provider takes away does not reach them.`,
  },
  unused_service_accounts: {
    limit: 'unusedServiceAccounts',
    ofPeople: false,
    words: (count, isOne) =>
      `${count} service ${isOne ? 'account was' : 'accounts were'} not used for ${UNUSED_DAYS} days: delete what no program needs.`,
  },
  unused_api_keys: {
    limit: 'unusedApiKeys',
    ofPeople: false,
    words: (count, isOne) =>
      `${count} API ${isOne ? 'key was' : 'keys were'} not used for ${UNUSED_DAYS} days: revoke what no program needs.`,
  },
  api_keys_without_expiry: {
    limit: 'apiKeysWithoutExpiry',
    ofPeople: false,
    words: (count, isOne) =>
      `${count} API ${isOne ? 'key never expires' : 'keys never expire'}: replace ${isOne ? 'it with one that expires' : 'them with keys that expire'}.`,
  },
};

/** How many active people must be counted to know whether so many admins pass their limit. */
export function peopleToCount(admins: number, configure: number, limits: PostureLimits): number {
  const enough = (count: number, percent: number) =>
    count < FEWEST || percent === 0 ? 0 : Math.floor((count * 100) / percent) + 1;
  return Math.max(enough(admins, limits.adminPercent), enough(configure, limits.configurePercent), 1);
}

/**
 * The figures of what was counted, in their order.
 * @param activePeople all of them, or so many that no share passes its limit (`peopleToCount`); null if they are not known
 */
export function figuresOf(
  counts: Counts,
  activePeople: number | null,
  limits: PostureLimits,
  before?: RoleCounts,
): Figure[] {
  return FIGURES.flatMap((key) => {
    const count = counts[key];
    if (count === undefined) return [];
    const { limit: name, ofPeople, words } = MEANINGS[key];
    const limit = limits[name];
    const isPercent = name.endsWith('Percent');
    const past = before === undefined ? undefined : pastOf(key, before);
    return {
      key,
      count,
      percent: ofPeople && count !== null && activePeople !== null ? shareOf(count, activePeople) : null,
      limit,
      isPercent,
      warning:
        count !== null && isOver(count, limit, isPercent ? activePeople : undefined)
          ? words(count.toLocaleString('en'), count === 1)
          : null,
      notCounted: count === null ? NOT_COUNTED : ofPeople && activePeople === null ? SHARE_NOT_KNOWN : null,
      previous:
        past === undefined || before === undefined
          ? null
          : { count: past, percent: shareOf(past, before.activePeople) },
    };
  });
}

/** @param people whom a limit in percent refers to: undefined for a limit in numbers, null if they were not counted in time */
function isOver(count: number, limit: number, people: number | null | undefined): boolean {
  if (people === undefined) return count > limit;
  return people !== null && count >= FEWEST && count * 100 > people * limit;
}

/** History knows roles, and no passwords, keys or activity. */
function pastOf(key: FigureKey, { owners, admins, configure }: RoleCounts): number | undefined {
  const past: { readonly [Key in FigureKey]?: number } = { owners, admins, configure };
  return past[key];
}

const shareOf = (count: number, of: number): number =>
  of === 0 ? 0 : Math.round((Math.min(count, of) * 1_000) / of) / 10;
