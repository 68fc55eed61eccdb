import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import type { Settings } from '../directory/organizations/settings.ts';
import type { Role } from '../directory/users/user.ts';
import { TRAINING_ITEM } from './rules.ts';
import { isItemDone } from './store/checklists.ts';

/** @throws DomainError `training_required` if the organization asks for the training before such a role (R119) */
export async function requireTraining(
  { tx, org }: Pick<CommandContext, 'tx' | 'org'>,
  settings: Settings,
  user: UserId,
  role: Role,
): Promise<void> {
  if (role === 'readonly' || !settings.trainingRequired) return;
  if (await isItemDone(tx, org, user, TRAINING_ITEM)) return;
  throw new DomainError(
    'training_required',
    'Roles above readonly are given once the security training is done.',
  );
}
