import type { Origin } from '../../directory/actor.ts';
import type { CommandRunner } from '../../directory/command-runner.ts';
import type { Database } from '../../platform/db/database.ts';
import { domainTarget } from '../event-targets.ts';
import { touchSsoConnection } from '../store/connections.ts';
import { findDueDomains, listSsoDomains, recordDomainFound, recordDomainNotFound } from '../store/domains.ts';
import { findRecord, type ResolveTxt } from './domain-record.ts';
import { inTime } from './in-time.ts';

/** Looked at in one go, time permitting. */
const AT_ONCE = 200;

const origin: Origin = {
  actor: { type: 'system', id: 'worker', via: 'schedule' },
  requestId: 'sso-domain-check',
};

/**
 * Builds what the schedule does about verified domains: it looks for their records again, and warns. No domain is
 * accepted away for a record that is missing; DNS has its bad days.
 */
export function createDomainChecks({
  db,
  now,
  runner,
  resolveTxt,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly resolveTxt: ResolveTxt;
}): () => Promise<void> {
  return async () => {
    const due = await findDueDomains(db, now().toISOString(), AT_ONCE);
    for (const { org_id, connection_id: connection, domain, token } of inTime(due)) {
      const state = await findRecord(resolveTxt, { domain, token });
      await runner.withOrganization(org_id, origin, async ({ tx, org, at, recordEvent }) => {
        const before = (await listSsoDomains(tx, org, connection)).find((each) => each.domain === domain);
        if (before?.token !== token || before.verified_at === null) return;
        if (state === 'found') await recordDomainFound(tx, org, domain, at);
        else await recordDomainNotFound(tx, org, domain, state === 'missing', at);
        const was = before.missing_at === null ? 'found' : 'missing';
        if (state === 'unknown' || state === was) return;
        await touchSsoConnection(tx, org, connection, false, at);
        recordEvent({
          action: 'sso_domain.updated',
          target: domainTarget(org, domain),
          member: connection,
          changes: { values: { domain: [domain, domain], record: [was, state] } },
        });
      });
    }
  };
}
