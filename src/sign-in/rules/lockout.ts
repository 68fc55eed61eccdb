/** Wrong passwords in a row that lock an account (R141); an owner's is never locked, only slowed down (../guess-limits.ts). */
export const LOCKED_AT = 5;

/**
 * Whether an account is locked at this time: until an administrator unlocks it, or until the lock opens by itself (R141).
 * @param lock times in ISO 8601; `lockedAt` is null if the account is not locked, `opensAt` if the lock does not open by itself
 */
export function lockHolds(
  { lockedAt, opensAt }: { readonly lockedAt: string | null; readonly opensAt: string | null },
  now: Date,
): boolean {
  return lockedAt !== null && (opensAt === null || Date.parse(opensAt) > now.getTime());
}
