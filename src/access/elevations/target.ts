import type { Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { mayRead } from '../../directory/roles/rules/guards.ts';
import { loadPerson } from '../../directory/users/target.ts';
import { type ElevationRow, findElevation } from './store.ts';

/** The elevation that a command is about. @throws Refusal `not_found`, also of somebody who is out of sight */
export async function loadElevation(work: Work, by: Authority, id: string): Promise<ElevationRow> {
  const elevation = await findElevation(work.tx, work.org, id, work.at);
  if (elevation === undefined) throw noSuchElevation();
  if (elevation.user_id === by.rights.id) return elevation;
  const person = await loadPerson(work, elevation.user_id);
  if (!mayRead(by, 'users:read', person)) throw noSuchElevation();
  return elevation;
}

/** @throws Refusal `not_pending` */
export function demandPending({ state }: ElevationRow): void {
  if (state !== 'pending') throw new Refusal('not_pending', 'This request is no longer pending.');
}

export const noSuchElevation = () => notFound('elevation');
