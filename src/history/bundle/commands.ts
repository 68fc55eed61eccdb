import type { CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { OrgId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { principalOf } from '../../directory/roles/find-authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import { insertJob } from '../../jobs/store/insert.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { loadCollectedReview } from '../../reviews/evidence.ts';
import type { ListedReview } from '../../reviews/store/reviews.ts';
import type { History } from '../history.ts';
import { type BundleRow, findBundle, insertBundle, readPieces } from '../store/bundles.ts';
import type { BundleScope } from './parts.ts';
import { type Signer, signerOf } from './signing.ts';

/** The event of a requested bundle, with what is in it. */
export function bundledEvent(
  org: OrgId,
  { asOf, from }: Pick<BundleScope, 'asOf' | 'from'>,
  review: Pick<ListedReview, 'id' | 'title'> | undefined,
) {
  const values = {
    asOf: [null, asOf] as const,
    ...(from === undefined ? {} : { from: [null, from] as const, to: [null, asOf] as const }),
    ...(review === undefined
      ? {}
      : { reviewId: [null, review.id] as const, review: [null, review.title] as const }),
  };
  return { action: 'history.bundled', target: ['organization', org], changes: { values } } as const;
}

export type { BundleRow } from '../store/bundles.ts';

export const BUNDLE_JOB = 'bundle_history';
/** How long a bundle is kept. */
const HOURS = 24;

export interface BundleCommands {
  /**
   * Begins to make a bundle (R151); needs `audit:export`.
   * @throws DomainError `forbidden`, `export_running`, `before_history`, `in_the_future`, `history_incomplete`;
   *   `not_found` if there is no such review, `not_open` while its items are being collected
   */
  begin(by: Authority, scope: BundleScope): Promise<BundleRow>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<BundleRow>;
  /** The zip, as a stream. @throws DomainError `not_found`, also while it is being made and if it failed */
  file(
    by: Authority,
    id: string,
  ): Promise<{ readonly bundle: BundleRow; readonly content: AsyncIterable<Uint8Array> }>;
  /** The public key that bundles of the organization are verified with. */
  key(by: Authority): Promise<Pick<Signer, 'publicKey' | 'fingerprint'>>;
}

/** Builds the commands about bundles. */
export function createBundleCommands({
  db,
  now,
  runner,
  seal,
  history,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly history: History;
}): BundleCommands {
  const get: BundleCommands['get'] = async (by, id) => {
    requireWholeOrganization(by, 'audit:export');
    const row = await findBundle(db, by.org, id, now().toISOString());
    if (row === undefined) throw notFound('history_bundle');
    return row;
  };
  return {
    begin: async (by, { asOf, from, reviewId }) => {
      requireWholeOrganization(by, 'audit:export');
      await history.requireSpan(by.org, { from: from ?? asOf, to: asOf });
      const review = reviewId === undefined ? undefined : await loadCollectedReview(db, by.org, reviewId);
      const id = await runner.runAs(by, async ({ tx, org, at, time, newId, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'audit:export');
        const bundle = newId();
        const inserted = await insertBundle(tx, org, {
          id: bundle,
          requestedBy: actor.rights.id,
          asOf,
          from: from ?? null,
          reviewId: reviewId ?? null,
          createdAt: at,
          expiresAt: new Date(time.getTime() + HOURS * 3_600_000).toISOString(),
        });
        if (!inserted) throw new DomainError('export_running', 'A bundle is being made: wait for it.', 5);
        const payload = { org, id: bundle, asOf, from, reviewId, principal: principalOf(actor) };
        await insertJob(tx, { id: bundle, org, kind: BUNDLE_JOB, payload });
        recordEvent(bundledEvent(org, { asOf, from }, review));
        return bundle;
      });
      return get(by, id);
    },

    get,

    file: async (by, id) => {
      const bundle = await get(by, id);
      const { state, error } = bundle;
      if (state === 'failed') {
        throw new DomainError(
          'not_found',
          `The bundle could not be made${error === null ? ': make another.' : `. ${error}`}`,
        );
      }
      if (state !== 'done') {
        throw new DomainError('not_found', 'The bundle is still being made: ask again in a moment.');
      }
      return { bundle, content: readPieces(db, by.org, id) };
    },

    key: (by) => signerOf(db, seal, by.org, now()),
  };
}
