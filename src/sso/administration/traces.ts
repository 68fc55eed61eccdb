import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Database } from '../../platform/db/database.ts';
import { findLastTest, listTraces, type SignInTrace, type TracePage } from '../store/traces.ts';
import { requireSsoConnection } from './administered.ts';

export type { SignInTrace } from '../store/traces.ts';

export interface SsoTraces {
  /** Sign-ins through a connection, the newest first. @throws DomainError `not_found`, `forbidden` */
  list(by: Authority, id: ConnectionId, page: TracePage): Promise<SignInTrace[]>;
  /** What came of the last test. @throws DomainError `not_found`, `forbidden` */
  lastTest(by: Authority, id: ConnectionId): Promise<SignInTrace | undefined>;
}

/** Builds the questions about what came of sign-ins. */
export function createSsoTraces({ db }: { readonly db: Database }): SsoTraces {
  return {
    list: async (by, id, page) => {
      await requireSsoConnection(db, by, id);
      return listTraces(db, by.org, id, page);
    },
    lastTest: async (by, id) => {
      await requireSsoConnection(db, by, id);
      return findLastTest(db, by.org, id);
    },
  };
}
