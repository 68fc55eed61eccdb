import { DomainError } from '../directory/errors.ts';

/** Two moments, ISO 8601: a difference is of what changed after the first, up to the second. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/**
 * Checks a moment for which history is asked.
 * @param since from when on history is complete; undefined while its beginning is being written
 * @throws DomainError `in_the_future`, `before_history`, `history_incomplete`
 */
export function requireMoment(moment: string, since: string | undefined, now: Date): string {
  if (Date.parse(moment) > now.getTime()) {
    throw new DomainError('in_the_future', 'The time is in the future: history ends now.');
  }
  if (since === undefined) {
    throw new DomainError(
      'history_incomplete',
      'The history of this organization is being begun: ask again in some minutes.',
    );
  }
  if (Date.parse(moment) < Date.parse(since)) {
    throw new DomainError('before_history', `History is complete since ${since}: choose a later time.`);
  }
  return since;
}
