import type { CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { forbidden, mayRead, requireManage } from '../directory/roles/rules/guards.ts';
import type { UserQueries } from '../directory/users/queries.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import type { Database } from '../platform/db/database.ts';
import { type ChecklistItem, checklistOf, itemsOf, TRAINING_ITEM } from './rules.ts';
import { findDoneItems, tickItem, untickItem } from './store/checklists.ts';
import { findOnboardingFacts } from './store/facts.ts';

export interface ChecklistCommands {
  /** The caller's own checklist, or that of a user they manage (R116). @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, user: UserId): Promise<ChecklistItem[]>;
  /**
   * Ticks an item, or removes the tick; a repeated request changes nothing. An item that follows from what the user did
   * stays done without a tick.
   * @throws DomainError `not_found`, `forbidden`, `unknown_item`, `self_change` for one's own training (R119)
   */
  set(by: Authority, user: UserId, item: string, done: boolean): Promise<void>;
}

/** Builds the commands about the onboarding of users. */
export function createChecklistCommands({
  db,
  runner,
  userQueries: users,
}: {
  readonly db: Database;
  readonly runner: CommandRunner;
  readonly userQueries: UserQueries;
}): ChecklistCommands {
  return {
    get: async (by, user) => {
      if (user !== by.rights.id && !mayRead(by, 'users:manage', await users.get(by, user))) throw forbidden();
      const [{ settings }, ticked, facts] = await Promise.all([
        findSettings(db, by.org),
        findDoneItems(db, by.org, user),
        findOnboardingFacts(db, by.org, user),
      ]);
      return itemsOf(checklistOf(settings), ticked, facts);
    },

    set: (by, user, item, done) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        const directoryUser = await loadDirectoryUser(context, user);
        const own = user === actor.rights.id;
        if (!own) requireManage(actor, directoryUser, 'edit');
        const { settings } = await findSettings(tx, org);
        if (!checklistOf(settings).some(({ key }) => key === item)) {
          throw new DomainError('unknown_item', 'The checklist has no item with this key: see the settings.');
        }
        if (own && item === TRAINING_ITEM) {
          throw new DomainError(
            'self_change',
            'You cannot confirm your own security training: ask your manager.',
          );
        }
        const changed = done
          ? await tickItem(tx, org, user, item, actor.rights.id, at)
          : await untickItem(tx, org, user, item);
        if (!changed) return;
        recordEvent({
          action: 'user.checklist_updated',
          target: ['user', user],
          changes: { values: { [item]: [!done, done] } },
        });
      }),
  };
}
