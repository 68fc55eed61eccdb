import { DomainError, type DomainErrorCode } from '../errors.ts';

/** Rounds in which two writes that claim one address can meet. */
const ADDRESS_ATTEMPTS = 3;

/**
 * Writes a user whose address another user may sign in with: first as if none did, which is nearly always so.
 * @param mayShare whether to begin with the write that leaves the address to the other user
 * @param isSharingAllowed whether there may be such a write at all
 * @throws DomainError `email_taken` if there may not
 */
export async function withAddress<Result>(
  mayShare: boolean,
  isSharingAllowed: boolean,
  write: (mayShare: boolean) => Promise<Result>,
): Promise<Result> {
  let shares = mayShare;
  for (let left = ADDRESS_ATTEMPTS; ; left -= 1) {
    try {
      return await write(shares);
    } catch (error) {
      if (!isDomainError(error, 'email_taken') || !isSharingAllowed || left <= 1) throw error;
      shares = true;
    }
  }
}

/** True for the rejection with that code. */
export const isDomainError = (error: unknown, code: DomainErrorCode): error is DomainError =>
  error instanceof DomainError && error.code === code;
