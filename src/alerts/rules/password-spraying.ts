import { minutesInWords } from '../../platform/counts.ts';
import { describeLocation, type Locate } from '../../platform/locations/location.ts';
import type { Finding } from './alert.ts';

export interface Failure {
  readonly user: string;
  readonly ip: string | null;
  readonly at: string;
}

/** Addresses from which the passwords of many accounts were tried. */
export function detectSpraying(
  failures: readonly Failure[],
  limits: { readonly failures: number; readonly users: number },
  windowMinutes: number,
  locate: Locate,
): readonly Finding[] {
  const byAddress = new Map<string, Failure[]>();
  for (const failure of failures) {
    if (failure.ip === null) continue;
    byAddress.set(failure.ip, [...(byAddress.get(failure.ip) ?? []), failure]);
  }
  return [...byAddress].flatMap(([ip, tries]): Finding[] => {
    const users = new Set(tries.map(({ user }) => user)).size;
    if (tries.length < limits.failures || users < limits.users) return [];
    const at = tries
      .map((each) => each.at)
      .sort()
      .at(-1) as string;
    const location = locate(ip);
    const place = location === undefined ? ip : `${ip} (${describeLocation(location)})`;
    return [
      {
        kind: 'password_spraying',
        severity: 'high',
        at,
        key: ip,
        detail: {
          why: `${tries.length} sign-ins of ${users} users failed from the address ${place} within ${minutesInWords(windowMinutes)}.`,
          comparedWith: `a limit of ${limits.failures} failures of ${limits.users} users`,
          ip,
          country: location?.country ?? null,
          asn: location?.asn ?? null,
          asnName: location?.asnName ?? null,
          failures: tries.length,
          users,
        },
      },
    ];
  });
}
