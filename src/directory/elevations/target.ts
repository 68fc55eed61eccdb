import type { Work } from '../administer.ts';
import type { Authority } from '../authority.ts';
import { Refusal } from '../errors.ts';
import { notFound } from '../not-found.ts';
import { loadPerson } from '../people/target.ts';
import { mayRead } from '../rules/guards.ts';
import { type ElevationRow, findElevation } from '../store/elevations.ts';

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
