import type { CommandContext } from '../../directory/command-runner.ts';
import { domainTarget } from '../event-targets.ts';
import { removeSsoDomain, type SsoDomainRow } from '../store/domains.ts';

/** Frees domains: another user may verify them now. */
export async function removeDomains(
  { tx, org, recordEvent }: CommandContext,
  domains: readonly SsoDomainRow[],
): Promise<void> {
  for (const { domain, connection_id, verified_at } of domains) {
    await removeSsoDomain(tx, org, domain);
    recordEvent({
      action: 'sso_domain.removed',
      target: domainTarget(org, domain),
      member: connection_id,
      changes: { values: { domain: [domain, null], verified: [verified_at !== null, false] } },
    });
  }
}
