import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { mayRead } from '../../directory/roles/rules/guards.ts';
import { loadDirectoryUser } from '../../directory/users/target.ts';
import { type Elevation, findElevation } from './store.ts';

/** The elevation that a command is about. @throws DomainError `not_found`, also for a user that the caller may not see */
export async function loadElevation(context: CommandContext, by: Authority, id: string): Promise<Elevation> {
  const elevation = await findElevation(context.tx, context.org, id, context.at);
  if (elevation === undefined) throw elevationNotFound();
  if (elevation.user === by.rights.id) return elevation;
  const user = await loadDirectoryUser(context, elevation.user);
  if (!mayRead(by, 'users:read', user)) throw elevationNotFound();
  return elevation;
}

/** @throws DomainError `not_pending` */
export function requirePending({ state }: Elevation): void {
  if (state !== 'pending') throw new DomainError('not_pending', 'This request is no longer pending.');
}

export const elevationNotFound = () => notFound('elevation');
