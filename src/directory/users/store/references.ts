import type { Database } from '../../../platform/db/database.ts';
import type { OrgId } from '../../ids.ts';
import { referenceTo } from '../../store/references.ts';
import type { Reference } from '../reference.ts';

/** Who ids name, by id. */
export async function findReferences(
  db: Database,
  org: OrgId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Reference>> {
  if (ids.length === 0) return new Map();
  const rows = await db.search<{ id: string; reference: Reference }>(
    `select s.id, ${referenceTo('$1', 's.id')} as reference from unnest($2::uuid[]) as s (id)`,
    [org, ids],
  );
  return new Map(rows.map(({ id, reference }) => [id, reference]));
}
