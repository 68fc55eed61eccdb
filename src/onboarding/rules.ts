import type { Settings } from '../directory/organizations/settings.ts';

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
