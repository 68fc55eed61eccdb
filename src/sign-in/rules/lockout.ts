/**
 * Whether an account is locked at this time: until an administrator unlocks it, or for the period that the
 * organization has set (R141).
 * @param lockedAt ISO 8601; null if it is not
 */
export function lockHolds(
  lockedAt: string | null,
  { autoUnlockMinutes }: { readonly autoUnlockMinutes: number | null },
  now: Date,
): boolean {
  if (lockedAt === null) return false;
  return autoUnlockMinutes === null || Date.parse(lockedAt) + autoUnlockMinutes * 60_000 > now.getTime();
}
