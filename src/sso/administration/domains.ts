import type { Origin } from '../../directory/actor.ts';
import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { requireReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Database } from '../../platform/db/database.ts';
import { makeOpaqueToken } from '../../platform/opaque-token.ts';
import { endPasswordSessions } from '../../sign-in/enforcement.ts';
import { domainTarget } from '../events.ts';
import { inTime } from '../jobs.ts';
import { domainRecord, parseDomain } from '../rules/domains.ts';
import { touchSsoConnection } from '../store/connections.ts';
import {
  claimDomain,
  findDueDomains,
  insertSsoDomain,
  listAllSsoDomains,
  listSsoDomains,
  recordDomainFound,
  recordDomainNotFound,
  removeSsoDomain,
  type SsoDomain,
  writeEnforced,
} from '../store/domains.ts';
import { type CompleteSsoConnection, requireSsoConnection } from './administered.ts';
import type { ChangeConnection, ConnectionChange, ConnectionReport } from './change.ts';
import { domainError } from './provisioning.ts';

/** How many domains a connection may have. */
const MOST_DOMAINS = 100;

/** A domain as an administrator wants it. */
interface DomainInput {
  readonly domain: string;
  /** Its users have no password sign-in, owners excepted (R143). */
  readonly enforced: boolean;
}

export interface DomainCommands {
  /**
   * These domains and no others; those that go are free for anybody to verify.
   * @throws DomainError `invalid_domain`, `public_domain`, `domain_taken`, `domain_unverified` and `conflict` for what cannot
   *   be enforced, `too_many`, `not_found`, `version_mismatch`, `forbidden`
   */
  put(
    by: Authority,
    id: ConnectionId,
    wanted: readonly DomainInput[],
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /**
   * Looks for the DNS record that proves a domain. From then on it is this connection's: one owner of all organizations.
   * @throws DomainError `dns_record_missing`, `domain_taken`, `not_found`, `forbidden`
   */
  verify(by: Authority, id: ConnectionId, domain: string): Promise<ConnectionReport>;
}

/** Builds the commands about the domains of a connection (docs/sso-design.md §4, rule 7). */
export function createDomainCommands({
  db,
  resolveTxt,
  change,
}: {
  readonly db: Database;
  readonly resolveTxt: ResolveTxt;
  readonly change: ChangeConnection;
}): DomainCommands {
  return {
    put: (by, id, wanted, ifMatch) =>
      change(by, id, ifMatch, async (applied) => {
        const { context, before } = applied;
        const words = readWords(wanted);
        const elsewhere = (await listAllSsoDomains(context.tx, context.org)).filter(
          ({ connection, domain }) => connection !== id && words.has(domain),
        );
        if (elsewhere[0] !== undefined) throw takenHere(elsewhere[0].domain);
        const gone = before.domains.filter(({ domain }) => !words.has(domain));
        await removeDomains(context, gone);
        let changes = gone.length;
        for (const [domain, enforced] of words) {
          if (await putDomain(applied, domain, enforced)) changes += 1;
        }
        return changes === 0 ? 'none' : 'changed';
      }),

    verify: async (by, id, text) => {
      await requireSsoConnection(db, by, id);
      await requireReal(db, by.org);
      const domain = find(await listSsoDomains(db, by.org, id), text);
      const state = await findRecord(resolveTxt, domain);
      return change(by, id, undefined, async ({ context, before }) => {
        const { token, verifiedAt } = find(before.domains, domain.domain);
        if (state !== 'found' || token !== domain.token) {
          throw recordMissing(domain.domain, token, state === 'unknown');
        }
        if (!(await claimDomain(context.tx, context.org, domain.domain))) throw takenElsewhere(domain.domain);
        await recordDomainFound(context.tx, context.org, domain.domain, context.at);
        if (verifiedAt === null) {
          context.recordEvent({
            action: 'sso_domain.verified',
            target: domainTarget(context.org, domain.domain),
            member: id,
            changes: { values: { domain: [null, domain.domain] } },
          });
        }
        return 'changed';
      });
    },
  };
}

/**
 * @returns each domain once, in its one form, and whether it is enforced
 * @throws DomainError `invalid_domain`, `public_domain`, `too_many`
 */
function readWords(wanted: readonly DomainInput[]): ReadonlyMap<string, boolean> {
  const words = new Map<string, boolean>();
  for (const { domain: text, enforced } of wanted) {
    const read = parseDomain(text);
    if ('problem' in read) throw domainError(text, read.problem);
    if (words.has(read.domain)) throw new DomainError('invalid_domain', `${read.domain} is listed twice.`);
    words.set(read.domain, enforced);
  }
  if (words.size > MOST_DOMAINS) {
    throw new DomainError('too_many', `A connection may have ${MOST_DOMAINS} domains.`);
  }
  return words;
}

/** @returns whether anything changed @throws DomainError `domain_unverified`, `conflict` */
async function putDomain(
  { context, before }: ConnectionChange,
  domain: string,
  enforced: boolean,
): Promise<boolean> {
  const present = before.domains.find((each) => each.domain === domain);
  const about = { target: domainTarget(context.org, domain), member: before.id } as const;
  if (enforced && present?.enforced !== true) requireEnforceable(before, domain, present);
  if (present === undefined) {
    const token = makeOpaqueToken();
    await insertSsoDomain(context.tx, context.org, { domain, connection: before.id, token }, context.at);
    context.recordEvent({
      action: 'sso_domain.added',
      ...about,
      changes: { values: { domain: [null, domain] } },
    });
    return true;
  }
  if (present.enforced === enforced) return false;
  await writeEnforced(context.tx, context.org, domain, enforced);
  if (enforced && before.state === 'active') await endPasswordSessions(context, new Set([domain]));
  context.recordEvent({
    action: 'sso_domain.updated',
    ...about,
    changes: { values: { domain: [domain, domain], enforced: [present.enforced, enforced] } },
  });
  return true;
}

/** No one is locked out of a password for a provider that lets no user in. */
function requireEnforceable(
  { state }: CompleteSsoConnection,
  domain: string,
  present: SsoDomain | undefined,
): void {
  if (present === undefined || present.verifiedAt === null) {
    throw new DomainError('domain_unverified', `Verify ${domain} before you enforce single sign-on for it.`);
  }
  if (state !== 'active') {
    throw new DomainError(
      'conflict',
      `Activate the connection before you enforce single sign-on for ${domain}.`,
    );
  }
}

function find(domains: readonly SsoDomain[], text: string): SsoDomain {
  const read = parseDomain(text);
  const found = 'domain' in read ? domains.find(({ domain }) => domain === read.domain) : undefined;
  if (found === undefined) throw notFound('sso_domain');
  return found;
}

function recordMissing(domain: string, token: string, silent: boolean): DomainError {
  const { name, value } = domainRecord(domain, token);
  const first = silent ? 'DNS did not answer.' : 'The record is not there yet.';
  return new DomainError(
    'dns_record_missing',
    `${first} Create a TXT record named ${name} with the value ${value}; it can take an hour until it is seen.`,
  );
}

const takenHere = (domain: string): DomainError =>
  new DomainError('domain_taken', `Another connection of yours has ${domain}: remove it there first.`);

/** Does not name the other organization, and is shown only to an organization that has the record. */
const takenElsewhere = (domain: string): DomainError =>
  new DomainError(
    'domain_taken',
    `${domain} is already verified by another connection or organization. It must be removed there first.`,
  );

/** Frees domains: another user may verify them now. */
export async function removeDomains(
  { tx, org, recordEvent }: CommandContext,
  domains: readonly SsoDomain[],
): Promise<void> {
  for (const { domain, connection, verifiedAt } of domains) {
    await removeSsoDomain(tx, org, domain);
    recordEvent({
      action: 'sso_domain.removed',
      target: domainTarget(org, domain),
      member: connection,
      changes: { values: { domain: [domain, null], verified: [verifiedAt !== null, false] } },
    });
  }
}

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
}: CommandDependencies & {
  readonly resolveTxt: ResolveTxt;
}): () => Promise<void> {
  return async () => {
    const due = await findDueDomains(db, now().toISOString(), AT_ONCE);
    for (const { org, connection, domain, token } of inTime(due)) {
      const state = await findRecord(resolveTxt, { domain, token });
      await runner.withOrganization(org, origin, async ({ tx, org, at, recordEvent }) => {
        const before = (await listSsoDomains(tx, org, connection)).find((each) => each.domain === domain);
        if (before?.token !== token || before.verifiedAt === null) return;
        if (state === 'found') await recordDomainFound(tx, org, domain, at);
        else await recordDomainNotFound(tx, org, domain, state === 'missing', at);
        const was = before.missingAt === null ? 'found' : 'missing';
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

/** Asks DNS for the TXT records of a name, each in its pieces. */
export type ResolveTxt = (name: string) => Promise<string[][]>;

/** Whether a DNS record exists; `unknown`: DNS did not answer. */
type RecordState = 'found' | 'missing' | 'unknown';

const TIMEOUT_MS = 5_000;

/** What DNS answers where there is no such name, or no such record of it. */
const NOTHING: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

/** Looks for the record that proves a domain: all of one record, and nothing else in it. */
async function findRecord(
  resolveTxt: ResolveTxt,
  { domain, token }: Pick<SsoDomain, 'domain' | 'token'>,
): Promise<RecordState> {
  const { name, value } = domainRecord(domain, token);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'unknown'>((resolve) => {
    timer = setTimeout(() => resolve('unknown'), TIMEOUT_MS);
  });
  const lookup = resolveTxt(name).then(
    (records): RecordState => (records.some((parts) => parts.join('') === value) ? 'found' : 'missing'),
    (error: unknown): RecordState =>
      NOTHING.has((error as { code?: unknown } | null)?.code) ? 'missing' : 'unknown',
  );
  try {
    return await Promise.race([lookup, late]);
  } finally {
    clearTimeout(timer);
  }
}
