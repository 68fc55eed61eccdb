import type { UserId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { type UserQueries, visibilityOf } from '../../directory/users/queries.ts';
import type { Database } from '../../platform/db/database.ts';
import { type Elevation, type ElevationState, findElevation, listElevations } from './store.ts';
import { elevationNotFound } from './target.ts';

export { ELEVATION_STATES, type Elevation, type ElevationState } from './store.ts';

interface ElevationPage {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface ElevationQueries {
  /** Elevations of the users that the caller may see, the newest first. */
  list(by: Authority, state: ElevationState | undefined, page: ElevationPage): Promise<Elevation[]>;
  /** Elevations of one user. @throws DomainError `not_found` if the caller may not see the user */
  ofUser(by: Authority, user: UserId, page: ElevationPage): Promise<Elevation[]>;
  /** Those of the caller. */
  own(by: Authority, page: ElevationPage): Promise<Elevation[]>;
  /** One that a command has just made or changed. */
  get(by: Authority, id: string): Promise<Elevation>;
}

/** Builds the questions about elevations. */
export function createElevationQueries({
  db,
  now,
  userQueries: users,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly userQueries: UserQueries;
}): ElevationQueries {
  return {
    list: (by, state, page) =>
      listElevations(
        db,
        by.org,
        { user: undefined, state, within: visibilityOf(by) },
        page,
        now().toISOString(),
      ),

    ofUser: async (by, user, page) => {
      await users.get(by, user);
      return listElevations(
        db,
        by.org,
        { user, state: undefined, within: undefined },
        page,
        now().toISOString(),
      );
    },

    own: (by, page) => {
      const filter = { user: by.rights.id, state: undefined, within: undefined };
      return listElevations(db, by.org, filter, page, now().toISOString());
    },

    get: async (by, id) => {
      const row = await findElevation(db, by.org, id, now().toISOString());
      if (row === undefined) throw elevationNotFound();
      return row;
    },
  };
}
