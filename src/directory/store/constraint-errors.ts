import { violationOf } from '../../platform/db/errors.ts';
import { DomainError } from '../errors.ts';
import { notFound } from '../not-found.ts';

const erasedMeanwhile = () =>
  new DomainError('conflict', 'A user was erased meanwhile: send the batch again.');

/** Constraint names are an API: maps each to the error that its violation becomes. */
const byConstraint: ReadonlyMap<string, () => DomainError> = new Map([
  [
    'users__user_name',
    () =>
      new DomainError(
        'user_name_taken',
        'Another user, active or not, has this userName (upper and lower case are one).',
      ),
  ],
  ['users__email', () => new DomainError('email_taken', 'Another user has this e-mail address.')],
  [
    'groups__display_name',
    () => new DomainError('group_name_taken', 'Another group has this name (upper and lower case are one).'),
  ],
  ['group_members__user', () => new DomainError('unknown_member', 'A member was deleted meanwhile.')],
  [
    'resources__owner',
    () => new DomainError('owns_resources', 'This user owns resources: transfer or delete them first.'),
  ],
  [
    'identities__id',
    () => new DomainError('identity_taken', 'This identity already belongs to another user.'),
  ],
  [
    'identities__user',
    () => new DomainError('identity_taken', 'This user already has another identity at this provider.'),
  ],
  ['identities__owner', () => notFound('user')],
  ['activity_user_days__user', erasedMeanwhile],
  ['activity_user_hours__user', erasedMeanwhile],
  ['group_members__group', () => notFound('group')],
]);

/** Runs a write and turns a violated constraint into its rejection; other errors pass. */
export async function translateConstraints<Result>(write: Promise<Result>): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    const violation = violationOf(error);
    const refusal = violation === undefined ? undefined : byConstraint.get(violation.constraint);
    throw refusal?.() ?? error;
  }
}
