import type { Authority } from '../directory/roles/authority.ts';
import type { Database } from '../platform/db/database.ts';
import { findSealByDigest, listNewestSeals, type Seal } from './store/seals.ts';
import {
  NOTHING_YET,
  proveRequest,
  type RequestProofs,
  type Verification,
  verifySeals,
} from './verification.ts';

export type { Seal };

/** Time after which a verification says where to go on. */
const PATIENCE_MS = 5_000;

export interface SealQueries {
  /** The newest seals, the newest first. */
  newest(by: Authority, limit: number): Promise<readonly Seal[]>;
  /** The seal with a digest that was kept elsewhere, in hexadecimal; undefined if the chain has none. */
  kept(by: Authority, digest: string): Promise<Seal | undefined>;
  /** Verifies seals from a number on for some seconds. @returns with the seal to go on with, if there is one */
  verify(by: Authority, from: number): Promise<Verification & { readonly next: number | undefined }>;
  /** @throws DomainError `not_found`, `conflict` if the events are not those that were sealed */
  prove(by: Authority, requestId: string, after: string | undefined): Promise<RequestProofs>;
}

/** Builds the questions about seals. */
export function createSealQueries({ db }: { readonly db: Database }): SealQueries {
  return {
    newest: ({ org }, limit) => listNewestSeals(db, org, limit),

    kept: ({ org }, digest) => findSealByDigest(db, org, Buffer.from(digest, 'hex')),

    verify: async ({ org }, from) => {
      const until = Date.now() + PATIENCE_MS;
      let found = NOTHING_YET;
      for await (const state of verifySeals(db, org, from)) {
        found = state;
        if (Date.now() > until && state.ok) return { ...state, next: (state.last?.n ?? from) + 1 };
      }
      return { ...found, next: undefined };
    },

    prove: ({ org }, requestId, after) => proveRequest(db, org, requestId, after),
  };
}
