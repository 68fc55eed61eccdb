import type { Database } from '../../../platform/db/database.ts';
import { parseUuid } from '../../../platform/ids.ts';
import type { ConnectionId, OrgId } from '../../ids.ts';
import type { Predicate } from '../predicate.ts';
import { operate } from './comparison-sql.ts';

/**
 * Counts the users that fulfil a predicate on what an index has, without reading them: of users in the index those who are
 * deleted are subtracted, of whom there are few.
 * @returns undefined if no such index has it
 */
export async function countByIndex(
  db: Database,
  org: OrgId,
  connection: ConnectionId,
  predicate: Predicate,
): Promise<number | undefined> {
  const count = countOf(predicate, connection);
  if (count === undefined) return undefined;
  const [row] = await db.search<{ total: number }>(`select (${count.sql})::bigint as total`, [
    org,
    count.value,
  ]);
  return row?.total ?? 0;
}

function countOf(
  predicate: Predicate,
  connection: ConnectionId,
): { readonly sql: string; readonly value: unknown } | undefined {
  if (predicate.kind === 'present' && isNamed(predicate.field, 'externalId')) {
    // A deleted user has no links.
    const links = 'l.org_id = $1 and l.connection_id = $2 and l.external_id is not null';
    return { sql: `select count(*) from user_links l where ${links}`, value: connection };
  }
  if (predicate.kind === 'compare' && isNamed(predicate.field, 'updatedAt')) {
    const range = operate('u.updated_at', predicate.comparator, '$2::timestamptz');
    return {
      sql: `select (select count(*) from users u where u.org_id = $1 and ${range}) - (
        select count(*) from users u where u.org_id = $1 and u.deleted_at is not null and ${range})`,
      value: predicate.value,
    };
  }
  const group = groupOf(predicate);
  if (group === undefined) return undefined;
  return {
    sql: `select (select count(*) from group_members m where m.org_id = $1 and m.group_id = $2::uuid) - (
      select count(*) from users u join group_members m on m.org_id = u.org_id and m.user_id = u.id
      where u.org_id = $1 and u.deleted_at is not null and m.org_id = $1 and m.group_id = $2::uuid)`,
    value: group,
  };
}

function isNamed(field: { readonly kind: string; readonly name?: string }, name: string): boolean {
  return field.kind === 'named' && field.name === name;
}

/** The group whose members fulfil the predicate, if that is all that it demands. */
export function groupOf(predicate: Predicate): string | undefined {
  if (predicate.kind !== 'some' || predicate.collection.kind !== 'named') return undefined;
  const { collection, where } = predicate;
  if (collection.name !== 'groups' || where?.kind !== 'compare' || where.comparator !== 'eq')
    return undefined;
  return isNamed(where.field, 'value') ? parseUuid(String(where.value)) : undefined;
}
