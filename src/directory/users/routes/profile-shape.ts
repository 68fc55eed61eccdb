import { z } from 'zod';
import { userShape } from '../../../rest/shapes.ts';
import type { DirectoryProfile } from '../queries.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** Simple attributes that an answer shows, by the schema that they are in: no others, which may be secret. */
const CORE = ['title', 'userType', 'nickName', 'preferredLanguage', 'locale', 'timezone'] as const;
const OF_ENTERPRISE = ['employeeNumber', 'costCenter', 'organization', 'division', 'department'] as const;

const profileField = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

const profileShape = z
  .object({
    title: profileField('The job title.', 'Engineer'),
    userType: profileField('What kind of user the directory calls it.', 'Employee'),
    nickName: profileField('The nickname.', 'Ada'),
    preferredLanguage: profileField('The language, as Accept-Language has it.', 'en-GB'),
    locale: profileField('The locale.', 'en-GB'),
    timezone: profileField('The time zone.', 'Europe/London'),
    employeeNumber: profileField('The number of the employee.', '7001'),
    costCenter: profileField('The cost center.', '4130'),
    organization: profileField('The organization.', 'Acme'),
    division: profileField('The division.', 'Research'),
    department: profileField('The department.', 'Analytical Engines'),
    phoneNumbers: z
      .array(
        z.object({
          value: profileField('The number.', '+44 20 7946 0000'),
          type: profileField('What kind of number it is.', 'work'),
        }),
      )
      .meta({ description: 'Phone numbers.' }),
  })
  .meta({
    id: 'UserProfile',
    description: 'The profile as a directory provisioned it; null where it sent nothing.',
  });

const externalIdShape = z.object({
  connectionId: z.string(),
  connectionName: z.string(),
  externalId: profileField('What the directory of the connection calls the user.', '00u1a2b3c4'),
});

/** One user with the profile that their directories provisioned. */
export const userDetailShape = z
  .object({
    ...userShape.shape,
    externalIds: z
      .array(externalIdShape)
      .meta({ description: 'One for each SCIM connection that provisions the user.' }),
    profile: profileShape,
  })
  .meta({ id: 'UserDetail' });

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** @returns the fields that a user's detail has beside those of every user */
export function presentProfile({ profile, externalIds }: DirectoryProfile) {
  const enterprise = objectOf(profile[ENTERPRISE]);
  const phones = Array.isArray(profile['phoneNumbers']) ? profile['phoneNumbers'] : [];
  return {
    externalIds,
    profile: {
      ...Object.fromEntries(CORE.map((name) => [name, textOf(profile[name])])),
      ...Object.fromEntries(OF_ENTERPRISE.map((name) => [name, textOf(enterprise[name])])),
      phoneNumbers: phones.map((phone) => {
        const { value, type } = objectOf(phone);
        return { value: textOf(value), type: textOf(type) };
      }),
    },
  };
}
