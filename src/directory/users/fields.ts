import { DomainError } from '../errors.ts';
import { displayNameKey, MAX_KEY_LENGTH, tooLong } from '../rules/comparison-keys.ts';
import { emailsOf } from './rules/emails.ts';
import { isUserName, MAX_DISPLAY_NAME, oneLineName } from './rules/presentable.ts';
import type { LoadedUser } from './store/users.ts';
import type { UserFields, UserRecord, UserState } from './user.ts';

/** A stored user as the fields that a change is expressed in. */
export function fieldsOf({ userName, status, externalId, profile }: UserRecord): UserFields {
  return {
    userName,
    active: status !== 'inactive',
    externalId,
    profile: JSON.parse(profile) as UserFields['profile'],
  };
}

/** A loaded user as a rule sees it. */
export function toState({ record, sharesAddress, emailSharedWith, ...user }: LoadedUser): UserState {
  return {
    ...user,
    userName: record.userName,
    status: record.status,
    mayClaimAddress: sharesAddress && emailSharedWith === undefined,
    externalId: record.externalId,
    profile: JSON.parse(record.profile) as UserState['profile'],
  };
}

/** A name goes into mails: what a directory sends on several lines is kept on one. */
export function withOneLineName(fields: UserFields): UserFields {
  const name = fields.profile['displayName'];
  if (typeof name !== 'string' || name.length > MAX_KEY_LENGTH) return fields;
  const displayName = oneLineName(name);
  return displayName === name ? fields : { ...fields, profile: { ...fields.profile, displayName } };
}

/**
 * Checks what is looked up by, and the name.
 * @param before what is there already: a name that was longer before the limit stays
 * @throws DomainError `value_too_long`
 */
export function checkLengths(fields: UserFields, before: UserFields | undefined): void {
  const name = fields.profile['displayName'];
  if (typeof name === 'string' && !isUserName(name) && name !== before?.profile['displayName']) {
    throw new DomainError('value_too_long', `displayName has more than ${MAX_DISPLAY_NAME} characters.`);
  }
  const offender = tooLong([
    ['userName', fields.userName],
    ['displayName', displayNameKey(fields.profile) ?? undefined],
    ['externalId', fields.externalId],
    ...emailsOf(fields.profile).map(({ value }) => ['emails.value', value] as const),
  ]);
  if (offender !== undefined) {
    throw new DomainError('value_too_long', `${offender} has more than ${MAX_KEY_LENGTH} characters.`);
  }
}
