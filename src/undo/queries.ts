import { findNames } from '../audit/store/names.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Reference } from '../directory/users/reference.ts';
import { findCompleteSince } from '../history/store/snapshot.ts';
import { UNDO_DAYS } from '../maintenance/store.ts';
import type { Database } from '../platform/db/database.ts';
import { BATCH_PERMISSIONS, type Batch } from './batch.ts';
import type { ItemResult } from './rules/plan.ts';
import { countItems, summaryWords, type UndoCounts } from './rules/summary.ts';
import type { ItemKind } from './rules/transitions.ts';
import { didWords, skipWords, willWords } from './rules/words.ts';
import { findItems, type ItemTally, type StoredItem, tallyItems } from './store/items.ts';
import { findUndo, listUndos, type StoredUndo } from './store/undos.ts';

/** An undo as administrators see it. Times are ISO 8601. */
export interface UndoOverview {
  readonly stored: StoredUndo;
  /** What the batch is called: the connection, the file of the import. */
  readonly source: string | null;
  /** Of a preview what would happen, of an undo that is done what has. */
  readonly counts: UndoCounts;
  readonly summary: readonly string[];
  /** What an administrator should know before. */
  readonly notes: readonly string[];
  readonly progress: { readonly done: number; readonly total: number };
}

/** A change of the batch, and what becomes of it. */
export interface UndoItem {
  readonly number: number;
  readonly kind: ItemKind;
  readonly user: Reference | null;
  readonly group: { readonly id: string; readonly name: string | null } | null;
  readonly at: string;
  readonly did: string;
  readonly will: string | null;
  readonly result: ItemResult;
  readonly code: string | null;
  readonly why: string | null;
  readonly since: { readonly by: string | null; readonly at: string } | null;
  readonly done: boolean;
}

export interface UndoQueries {
  /** Undos that were started, the newest first. */
  list(
    by: Authority,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly UndoOverview[]>;
  /** @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, id: string): Promise<UndoOverview>;
  /** Items in the order in which they are carried out. @throws DomainError `not_found`, `forbidden` */
  items(
    by: Authority,
    id: string,
    page: { readonly after: number; readonly limit: number; readonly result: ItemResult | undefined },
  ): Promise<readonly UndoItem[]>;
}

/** Builds the questions about undos. */
export function createUndoQueries({ db }: { readonly db: Database }): UndoQueries {
  const load = async (by: Authority, id: string): Promise<StoredUndo> => {
    const stored = await findUndo(db, by.org, id);
    if (stored === undefined) throw notFound('undo');
    requireWholeOrganization(by, BATCH_PERMISSIONS[stored.batch.kind]);
    return stored;
  };
  const overviews = async (by: Authority, undos: readonly StoredUndo[]): Promise<UndoOverview[]> => {
    const ids = undos.map(({ id }) => id);
    const [completeSince, tallies, names] = await Promise.all([
      findCompleteSince(db, by.org),
      tallyItems(db, by.org, ids),
      findNames(
        db,
        by.org,
        undos.map(({ batch }) => batch.id),
      ),
    ]);
    return undos.map((stored) => {
      const own = tallies.filter(({ undo }) => undo === stored.id);
      const counts = countItems(own);
      return {
        stored,
        source: names.get(stored.batch.id)?.name ?? null,
        counts,
        summary: summaryWords(counts, stored.state === 'done'),
        notes: notesOn(stored.batch, own, completeSince),
        progress: progressOf(stored, own),
      };
    });
  };
  return {
    list: async (by, page) => {
      requireWholeOrganization(by, 'users:manage');
      return overviews(by, await listUndos(db, by.org, page));
    },

    get: async (by, id) => {
      const [overview] = await overviews(by, [await load(by, id)]);
      return overview as UndoOverview;
    },

    items: async (by, id, page) => {
      await load(by, id);
      const items = await findItems(db, by.org, id, page);
      const actors = items.flatMap(({ item }) => item.skip?.actor?.id ?? []);
      const names = await findNames(db, by.org, [...new Set(actors)].filter(isId));
      return items.map((stored) =>
        toItem(stored, (actor) => names.get(actor)?.name ?? names.get(actor)?.email),
      );
    },
  };
}

const isId = (text: string) => /^[0-9a-f-]{36}$/.test(text);

/** A preview has done nothing yet; what stays as it is needs nothing to be done. */
function progressOf({ state }: StoredUndo, tallies: readonly ItemTally[]) {
  const total = tallies.reduce((sum, { items }) => sum + items, 0);
  const done = tallies.reduce((sum, tally) => sum + tally.done, 0);
  return { done: state === 'preview' ? 0 : done, total };
}

function notesOn(
  batch: Batch,
  tallies: readonly ItemTally[],
  completeSince: string | undefined,
): readonly string[] {
  const erased = tallies.filter(({ code }) => code === 'erased').reduce((sum, { items }) => sum + items, 0);
  const notKept = tallies
    .filter(({ code }) => code === 'not_kept')
    .reduce((sum, { items }) => sum + items, 0);
  return [
    ...(batch.kind === 'connection'
      ? [
          'The identity provider may send the same changes again at its next sync: mend the cause there, or stop provisioning there, before you undo.',
        ]
      : []),
    'Sessions stay ended, elevations do not come back, and people sign in again.',
    ...(erased === 0 ? [] : [`${erased} were removed for good: nothing of them is left to restore.`]),
    ...(notKept === 0
      ? []
      : [
          `Of ${notKept} it is not known what was there before: ${completeSince === undefined ? 'the history of this organization is just beginning' : `history is complete since ${completeSince}`}, and names and addresses are kept for ${UNDO_DAYS} days.`,
        ]),
  ];
}

function toItem(stored: StoredItem, nameOf: (actor: string) => string | null | undefined): UndoItem {
  const { item, groupName, role, groups, result, done } = stored;
  const { kind, from, to, attributes, skip } = item;
  const spoken = { kind, from, to, attributes, group: groupName ?? 'a group', role, groups };
  const by = skip?.actor === undefined ? undefined : (nameOf(skip.actor.id) ?? byType(skip.actor.type));
  const planned = skip === undefined ? null : skipWords(skip.code, kind, { by, to: skip.to });
  return {
    number: stored.number,
    kind,
    user: stored.user,
    group: item.group === null ? null : { id: item.group, name: groupName },
    at: item.at,
    did: didWords(spoken),
    will: result === 'undo' ? willWords(spoken) : null,
    result,
    code: stored.code,
    why: stored.message ?? planned,
    since: skip?.at === undefined ? null : { by: by ?? null, at: skip.at },
    done,
  };
}

const byType = (type: string) => (type === 'system' ? 'Rollcall' : 'someone who was removed');
