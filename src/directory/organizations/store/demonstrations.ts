import type { Executor, Statement } from '../../../platform/db/statement.ts';
import { DomainError } from '../../errors.ts';
import type { OrgId } from '../../ids.ts';

/** A condition: whether a column names an organization that is no demonstration (ADR 0050). */
export const isReal = (column: string): string =>
  `not exists (select from organizations d where d.id = ${column} and d.demonstration_of is not null)`;

/** A condition: whether organization `o` is no demonstration that is being loaded or removed. */
export const isSettled = `(o.demonstration_of is null or exists (
      select from demonstrations m where m.org_id = o.demonstration_of and m.state = 'ready'))`;

const settled: Statement = {
  name: 'organizations-settled',
  text: `select id from organizations o where ${isSettled} order by id`,
};

/** The organizations that the background works for: all but demonstrations that are being loaded or removed. */
export async function findSettledOrganizations(db: Executor): Promise<readonly OrgId[]> {
  return (await db.query<{ id: OrgId }>(settled, [])).map(({ id }) => id);
}

const settledOne: Statement = {
  name: 'organization-settled',
  text: `select ${isSettled} as settled from organizations o where id = $1`,
};

/** @returns false for a demonstration that is being loaded or removed */
export async function isSettledOrganization(db: Executor, org: OrgId): Promise<boolean> {
  return (await db.query<{ settled: boolean }>(settledOne, [org]))[0]?.settled !== false;
}

const marked: Statement = {
  name: 'organization-is-demonstration',
  text: 'select demonstration_of is not null as marked from organizations where id = $1',
};

/** Whether an organization is a demonstration: nothing leaves the server for it, and no one signs in to it. */
export async function isDemonstration(db: Executor, org: OrgId): Promise<boolean> {
  return (await db.query<{ marked: boolean }>(marked, [org]))[0]?.marked === true;
}

/** For what asks other servers. @throws DomainError `demonstration` */
export async function requireReal(db: Executor, org: OrgId): Promise<void> {
  if (!(await isDemonstration(db, org))) return;
  throw new DomainError(
    'demonstration',
    'Nothing leaves the server for a demonstration organization: do this in your own organization.',
  );
}
