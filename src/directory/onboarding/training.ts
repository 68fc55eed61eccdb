import type { Work } from '../administer.ts';
import { Refusal } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { TRAINING_ITEM } from '../rules/checklist.ts';
import type { Settings } from '../settings.ts';
import { isItemDone } from '../store/checklists.ts';
import type { Role } from '../users/user.ts';

/** @throws Refusal `training_required` if the organization asks for the training before such a role (R119) */
export async function demandTraining(
  { tx, org }: Pick<Work, 'tx' | 'org'>,
  settings: Settings,
  user: UserId,
  role: Role,
): Promise<void> {
  if (role === 'readonly' || !settings.trainingRequired) return;
  if (await isItemDone(tx, org, user, TRAINING_ITEM)) return;
  throw new Refusal(
    'training_required',
    'Roles above readonly are given once the security training is done.',
  );
}
