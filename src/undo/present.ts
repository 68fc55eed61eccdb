import type { Reference } from '../directory/users/reference.ts';
import type { UndoItem, UndoOverview } from './queries.ts';

const presentUser = ({ id, name, email }: Reference) => ({ id, name, email });

/** @returns an undo as REST and the command line show it */
export function presentUndo({ stored, source, counts, summary, notes, progress }: UndoOverview) {
  const { batch, creator } = stored;
  return {
    id: stored.id,
    state: stored.state,
    batch: { kind: batch.kind, id: batch.id, name: source, from: batch.from, to: batch.to },
    counts: { ...counts },
    summary: [...summary],
    notes: [...notes],
    progress,
    token: stored.state === 'preview' ? stored.token : null,
    createdBy: creator === null ? null : presentUser(creator),
    createdAt: stored.createdAt,
    expiresAt: stored.expiresAt,
    confirmedAt: stored.confirmedAt,
    finishedAt: stored.finishedAt,
  };
}

/** @returns an item as REST and the command line show it */
export const presentItem = ({ user, ...item }: UndoItem) => ({
  ...item,
  user: user === null ? null : presentUser(user),
});
