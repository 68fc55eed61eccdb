import { DomainError } from '../errors.ts';

/**
 * Holds a change to the version that a user looked at (RFC 9110 §13.1.1).
 *
 * @param what a word for what is changed
 * @param ifMatch the versions that were looked at; undefined sets no condition
 * @throws DomainError `version_mismatch`
 */
export function requireVersion(what: string, version: number, ifMatch: readonly string[] | undefined): void {
  if (ifMatch === undefined || ifMatch.includes(String(version))) return;
  throw new DomainError(
    'version_mismatch',
    `The ${what} has changed since you read it: read it again, then repeat the change.`,
  );
}
