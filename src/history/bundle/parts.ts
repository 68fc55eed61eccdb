import { presentEvent } from '../../audit/present.ts';
import type { AuditQueries } from '../../audit/queries.ts';
import { findNames } from '../../audit/store/names.ts';
import { findOldestMonth, listSeals, readCanonicalRows, type Seal } from '../../audit/store/seals.ts';
import type { OrgId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Database } from '../../platform/db/database.ts';
import { evidenceOf } from '../../reviews/evidence.ts';
import type { History } from '../history.ts';
import { presentChange, presentPastGroup, presentPastUser } from '../present.ts';
import type { PastRights } from '../rules/past-user.ts';
import { listConnectionsAt, listDecisions, listKeysAt } from '../store/bundles.ts';
import { listGroupGrantsAt, listGroupsAt } from '../store/states.ts';
import { presentSealLine } from './seal-line.ts';
import type { BundlePart } from './zip.ts';

/** What a bundle is about. Times are ISO 8601. */
export interface BundleScope {
  readonly asOf: string;
  /** With it, what changed from then to `asOf` and the sealed events of that span are in the bundle. */
  readonly from: string | undefined;
  /** With it, what this access review looked at and what was decided are in the bundle. */
  readonly reviewId: string | undefined;
}

export interface PartsDependencies {
  readonly db: Database;
  readonly history: History;
  readonly audit: AuditQueries;
}

const BATCH = 500;

/**
 * The parts of a bundle: state, keys, connections; with a span its changes, approvals, events and seals; with an access
 * review its evidence.
 * @throws DomainError `not_found` if there is no such review, `not_open` while it is opening
 */
export async function bundleParts(
  dependencies: PartsDependencies,
  by: Authority,
  { reviewId, ...scope }: BundleScope,
): Promise<BundlePart[]> {
  const evidence = reviewId === undefined ? [] : await evidenceOf(dependencies.db, by.org, reviewId);
  const ofReview = evidence.map(({ name, rows }) => ({
    name: name === 'review' ? name : `review-${name}`,
    rows,
  }));
  return [...statesAndChanges(dependencies, by, scope), ...ofReview];
}

function statesAndChanges(
  { db, history, audit }: PartsDependencies,
  by: Authority,
  { asOf, from }: Omit<BundleScope, 'reviewId'>,
): BundlePart[] {
  const { org } = by;
  const moment = { org, asOf };
  const eachUser = async function* <Row>(
    rowsOf: (user: PastRights, names: Awaited<ReturnType<typeof findNames>>) => readonly Row[],
  ) {
    for await (const users of history.allUsers(moment)) {
      const names = await findNames(
        db,
        org,
        users.map(({ row }) => row.id),
      );
      for (const user of users) yield* rowsOf(user, names);
    }
  };
  const state: BundlePart[] = [
    {
      name: 'users',
      rows: eachUser((user, names) => {
        const { groups: _, elevations: __, ...account } = presentPastUser(user, names);
        return [account];
      }),
    },
    {
      name: 'memberships',
      rows: eachUser((user, names) => {
        const { id, label, groups } = presentPastUser(user, names);
        return groups.map((group) => ({ userId: id, user: label, ...group }));
      }),
    },
    {
      name: 'elevations',
      rows: eachUser((user, names) => {
        const { id, label, elevations } = presentPastUser(user, names);
        return elevations.map((elevation) => ({ userId: id, user: label, ...elevation }));
      }),
    },
    { name: 'groups', rows: allGroups(db, moment) },
    { name: 'grants', rows: listGroupGrantsAt(db, moment) },
    { name: 'api-keys', rows: listKeysAt(db, org, asOf) },
    { name: 'connections', rows: listConnectionsAt(db, org, asOf) },
  ];
  if (from === undefined) return state;
  const span = { from, to: asOf };
  return [
    ...state,
    { name: 'changes', rows: flat(history.allChanges(by, span), presentChange) },
    { name: 'approvals', rows: listDecisions(db, org, from, asOf) },
    { name: 'events', rows: flat(audit.all(by, { from, to: asOf }), presentEvent) },
    { name: 'seals', rows: sealLines(db, org, span) },
    { name: 'sealed-entries', rows: entriesOf(db, org, span) },
  ];
}

async function* flat<Item>(
  batches: AsyncIterable<readonly Item[]>,
  present: (item: Item) => unknown,
): AsyncIterable<unknown> {
  for await (const items of batches) for (const item of items) yield present(item);
}

async function* allGroups(db: Database, moment: { readonly org: OrgId; readonly asOf: string }) {
  for (let after: string | undefined; ; ) {
    const rows = await listGroupsAt(db, moment, {}, { after, limit: BATCH });
    for (const row of rows) yield presentPastGroup(row);
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id;
  }
}

const SEALS = 20;

/** Seals that have events of a span, in their order. */
async function* findSeals(
  db: Database,
  org: OrgId,
  { from, to }: { readonly from: string; readonly to: string },
): AsyncIterable<Seal> {
  // Events of older months were dropped: what their seals covered cannot be shown.
  const oldest = (await findOldestMonth(db)) ?? '';
  for (let next = 1; ; ) {
    const seals = await listSeals(db, org, next, SEALS);
    for (const seal of seals) {
      if (seal.lastAt >= from && seal.firstAt <= to && seal.firstAt >= oldest) yield seal;
    }
    const last = seals.at(-1);
    if (last === undefined || seals.length < SEALS) return;
    next = last.n + 1;
  }
}

async function* sealLines(db: Database, org: OrgId, span: { readonly from: string; readonly to: string }) {
  for await (const seal of findSeals(db, org, span)) yield presentSealLine(org, seal);
}

/** All entries of those seals, as they were hashed: their root follows from them. */
async function* entriesOf(db: Database, org: OrgId, span: { readonly from: string; readonly to: string }) {
  for await (const seal of findSeals(db, org, span)) {
    const rows = await readCanonicalRows(
      db,
      org,
      { position: seal.fromPosition, id: seal.fromId },
      { position: seal.toPosition, id: seal.toId },
    );
    for (const { id, canonical } of rows) yield { seal: seal.n, id, entry: canonical };
  }
}
