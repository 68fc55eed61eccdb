import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requireGrantable, requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import { changedAttributes } from '../../directory/users/rules/differences.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { truncate } from '../../platform/truncate.ts';
import { parseDomain } from '../rules/domains.ts';
import type { Provisioning } from '../settings.ts';
import { findSsoConnection, writeProvisioning } from '../store/connections.ts';
import { connectionNotFound, toSsoConnection } from './administered.ts';
import type { ChangeConnection } from './change.ts';

/** A connection's provisioning settings, and the version of the connection. */
export interface StoredProvisioning {
  readonly provisioning: Provisioning;
  readonly version: number;
}

export interface ProvisioningCommands {
  /** @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, id: ConnectionId): Promise<StoredProvisioning>;
  /**
   * Holds from the next sign-in on (R47). No one lets a provider give a role that they may not give themselves.
   * @throws DomainError `role_above_limit`, `invalid_domain`, `public_domain`, `not_found`, `version_mismatch`, `forbidden`
   */
  put(
    by: Authority,
    id: ConnectionId,
    provisioning: Provisioning,
    ifMatch: readonly string[] | undefined,
  ): Promise<StoredProvisioning>;
}

/** Settings that a test of the connection verifies as well: how users are identified. */
const PROVED: ReadonlySet<string> = new Set<keyof Provisioning>(['emailAttribute', 'externalIdAttribute']);

/** Builds the commands about just-in-time provisioning (R41 to R47). */
export function createProvisioningCommands({
  db,
  change,
}: {
  readonly db: Database;
  readonly change: ChangeConnection;
}): ProvisioningCommands {
  return {
    get: async (by, id) => {
      requireWholeOrganization(by, 'sso:manage');
      const row = await findSsoConnection(db, by.org, id);
      if (row === undefined) throw connectionNotFound();
      const { provisioning, version } = toSsoConnection(row);
      return { provisioning, version };
    },

    put: async (by, id, wanted, ifMatch) => {
      const { connection } = await change(
        by,
        id,
        ifMatch,
        async ({ context, actor, before, recordEvent }) => {
          const { settings } = await findSettings(context.tx, context.org);
          for (const role of [wanted.defaultRole, ...wanted.roleMapping.map((mapped) => mapped.role)]) {
            requireGrantable(actor, role, settings);
            requireGivenBefore(actor, role, before.provisioning);
          }
          const next = { ...wanted, allowedDomains: readDomains(wanted.allowedDomains) };
          const changed = changedAttributes({ ...before.provisioning }, next);
          if (changed.length === 0) return 'none';
          await writeProvisioning(context.tx, context.org, id, next);
          const was = before.provisioning as unknown as Record<string, unknown>;
          const is = next as unknown as Record<string, unknown>;
          const values = Object.fromEntries(changed.map((name) => [name, [was[name], is[name]] as const]));
          recordEvent({ action: 'sso_connection.updated', changes: { values } });
          return changed.some((name) => PROVED.has(name)) ? 'untested' : 'changed';
        },
      );
      return { provisioning: connection.provisioning, version: connection.version };
    },
  };
}

/**
 * The provider’s administrator decides who is in its groups, and so who has a role that the connection gives already; which
 * roles it gives is the organization's to decide. @throws DomainError `role_above_limit`
 */
function requireGivenBefore({ setUpLink }: Authority, role: Role, given: Provisioning): void {
  if (setUpLink === undefined || role === 'readonly') return;
  if ([given.defaultRole, ...given.roleMapping.map((mapped) => mapped.role)].includes(role)) return;
  throw new DomainError(
    'role_above_limit',
    `This connection does not give the role ${role}: the administrator has to map it first.`,
  );
}

/** Domains in the form in which logins' domains are compared with them, each once. */
function readDomains(texts: readonly string[]): string[] {
  return [
    ...new Set(
      texts.map((text) => {
        const read = parseDomain(text);
        if ('domain' in read) return read.domain;
        throw domainError(text, read.problem);
      }),
    ),
  ];
}

/** A text that is no domain, or everybody's. */
export function domainError(text: string, problem: 'invalid_domain' | 'public_domain'): DomainError {
  const name = JSON.stringify(truncate(text, 100));
  return problem === 'public_domain'
    ? new DomainError(
        'public_domain',
        `${name} is a public e-mail domain: it cannot belong to your organization.`,
      )
    : new DomainError(
        'invalid_domain',
        `${name} is not a valid domain: enter the part of the address after the @, such as acme.example.`,
      );
}
