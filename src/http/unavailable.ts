import type { DatabaseUnavailable, UnavailableReason } from '../platform/db/unavailable.ts';

/** Whole seconds: Okta reads nothing else. */
export const RETRY_AFTER = '5';

const sentences: Readonly<Record<UnavailableReason, string>> = {
  unreachable: 'The database cannot be reached. Try again in a moment.',
  busy: 'The database is busy. Try again in a moment.',
  read_only: 'The database is read-only at the moment. Try again in a moment.',
  slow: 'The database took too long. Try again in a moment.',
};

/** The error for a database that does not answer, the same in every protocol. */
export function describeUnavailable(error: DatabaseUnavailable): string {
  return sentences[error.reason];
}
