import { DomainError } from '../../directory/errors.ts';
import type { ReadProfile } from '../../directory/users/rules/profile-patch.ts';
import { ScimError } from '../errors.ts';
import { strictDialect } from '../quirks/index.ts';
import { coerceResource } from './coerce.ts';
import { type ResourceTypes, USER_SCHEMA } from './resource-type.ts';
import { limitValues } from './value-limit.ts';

/** Builds the check of profiles that do not come over SCIM, by the attribute tables that SCIM has. */
export function createProfileReader({ user }: ResourceTypes): ReadProfile {
  const schemas = [USER_SCHEMA, ...[...user.extensions.values()].map(({ urn }) => urn)];
  return (attributes) => {
    try {
      const profile = coerceResource(user, { ...attributes, schemas }, strictDialect);
      limitValues(user)(profile);
      return profile;
    } catch (error) {
      if (error instanceof ScimError) throw new DomainError('invalid_profile', error.message);
      throw error;
    }
  };
}
