import type { Settings } from '../directory/organizations/settings.ts';
import type { Reference } from '../directory/users/reference.ts';
import type { DoneItem } from './store/checklists.ts';
import type { OnboardingFacts } from './store/facts.ts';

/** The item that a role above readonly may depend on (R119). */
export const TRAINING_ITEM = 'security_training';

/**
 * A new user's checklist (R116): the items of the settings, and the training if roles depend on it, since
 * without that item no user could ever complete it.
 */
export function checklistOf({
  onboardingItems,
  trainingRequired,
}: Pick<Settings, 'onboardingItems' | 'trainingRequired'>): Settings['onboardingItems'] {
  if (!trainingRequired || onboardingItems.some(({ key }) => key === TRAINING_ITEM)) return onboardingItems;
  return [...onboardingItems, { key: TRAINING_ITEM, label: 'Security training completed' }];
}

/** An item of a user's checklist. */
export interface ChecklistItem {
  readonly key: string;
  readonly label: string;
  /** Undefined while it is not done. An item that follows from what the user did was done by no one (`by`). */
  readonly done: { readonly at: string; readonly by: Reference | undefined } | undefined;
}

/** The items of a list with what is done of them: what the user did counts before what was ticked. */
export function itemsOf(
  list: Settings['onboardingItems'],
  ticked: readonly DoneItem[],
  facts: OnboardingFacts | undefined,
): ChecklistItem[] {
  const known = new Map<string, string | null>(Object.entries(facts ?? {}));
  return list.map(({ key, label }) => {
    const at = known.get(key) ?? undefined;
    if (at !== undefined) return { key, label, done: { at, by: undefined } };
    const row = ticked.find(({ item }) => item === key);
    return { key, label, done: row && { at: row.doneAt, by: row.doer } };
  });
}
