/** Who is asked about whom. */

/** Somebody who may be asked, with how far their right to decide reaches. */
export interface Candidate {
  readonly id: string;
  /** Groups whose members they may decide about; all of the organization if undefined. */
  readonly groups: ReadonlySet<string> | undefined;
}

export interface AssignedSubject {
  /** The user whom it is about, or who answers for it. */
  readonly userId: string | null;
  /** The groups of a user; undefined for service accounts and keys, which belong to no group. */
  readonly groups: readonly string[] | undefined;
}

/** More reviewers would not help one item. */
const MOST_REVIEWERS = 20;

/** Whether a reviewer may decide about a subject: never about themselves, and only as far as their right reaches. */
function mayReview({ id, groups }: Candidate, { userId, groups: groupsOfSubject }: AssignedSubject): boolean {
  if (id === userId) return false;
  return groups === undefined || groupsOfSubject?.some((group) => groups.has(group)) === true;
}

/**
 * The reviewers of a subject.
 * @param candidates whom the rule names for it
 * @returns none if none of them may: then it is any administrator's
 */
export function reviewersOf(candidates: readonly Candidate[], subject: AssignedSubject): string[] {
  const ids = candidates.filter((candidate) => mayReview(candidate, subject)).map(({ id }) => id);
  return [...new Set(ids)].sort().slice(0, MOST_REVIEWERS);
}
