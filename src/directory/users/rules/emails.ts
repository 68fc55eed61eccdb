import { caseKey } from '../../rules/comparison-keys.ts';
import type { Profile } from '../user.ts';

export interface Email {
  readonly value: string;
  readonly type: string | undefined;
  readonly primary: boolean;
}

/** The addresses of a profile. */
export function emailsOf(profile: Profile): Email[] {
  const emails = profile['emails'];
  if (!Array.isArray(emails)) return [];
  return emails.flatMap(({ value, type, primary }: Record<string, unknown>) =>
    typeof value === 'string'
      ? [{ value, type: typeof type === 'string' ? type : undefined, primary: primary === true }]
      : [],
  );
}

/** The user's main address: the primary one, else work, else the first, else an address-like name. */
export function primaryEmail(profile: Profile, userName: string): string | undefined {
  const emails = emailsOf(profile);
  const chosen =
    emails.find(({ primary }) => primary) ??
    emails.find(({ type }) => type !== undefined && caseKey(type) === 'work') ??
    emails[0];
  return chosen?.value ?? (/^[^@\s]+@[^@\s]+$/.test(userName) ? userName : undefined);
}

/** The profile with the user's main address replaced. */
export function withPrimaryEmail(profile: Profile, userName: string, value: string): Profile {
  const emails = Array.isArray(profile['emails']) ? (profile['emails'] as Record<string, unknown>[]) : [];
  const before = primaryEmail(profile, userName);
  const at = emails.findIndex((email) => email['value'] === before);
  const added = { type: 'work', primary: true, ...emails[at], value };
  const others = emails.filter((email, index) => index !== at && !isEmail(email, value));
  const kept = others.slice(0, Math.max(at, 0));
  return { ...profile, emails: [...kept, added, ...others.slice(kept.length)] };
}

const isEmail = (email: Record<string, unknown>, value: string): boolean =>
  typeof email['value'] === 'string' && caseKey(email['value']) === caseKey(value);

/** The keys under which any of a user's addresses finds the user. */
export function emailKeys(profile: Profile): string[] {
  return [...new Set(emailsOf(profile).map(({ value }) => caseKey(value)))];
}
