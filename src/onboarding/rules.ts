import type { Settings } from '../directory/organizations/settings.ts';

/** The item that a role above readonly may depend on (R119). */
export const TRAINING_ITEM = 'security_training';

/**
 * What a new person has to do (R116): what the settings say, and the training if roles depend on it, since an item
 * that nobody can tick would keep everybody out.
 */
export function checklistOf({
  onboardingItems,
  trainingRequired,
}: Pick<Settings, 'onboardingItems' | 'trainingRequired'>): Settings['onboardingItems'] {
  if (!trainingRequired || onboardingItems.some(({ key }) => key === TRAINING_ITEM)) return onboardingItems;
  return [...onboardingItems, { key: TRAINING_ITEM, label: 'Security training completed' }];
}
