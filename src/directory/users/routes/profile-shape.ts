import { z } from 'zod';
import { userShape } from '../../../rest/shapes.ts';
import type { DirectoryProfile } from '../queries.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** Simple attributes that an answer shows, by the schema that they are in: no others, which may be secret. */
const CORE = ['title', 'userType', 'nickName', 'preferredLanguage', 'locale', 'timezone'] as const;
const OF_ENTERPRISE = ['employeeNumber', 'costCenter', 'organization', 'division', 'department'] as const;

const said = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

const profileShape = z
  .object({
    title: said('The job title.', 'Engineer'),
    userType: said('What kind of user the directory calls it.', 'Employee'),
    nickName: said('The nickname.', 'Ada'),
    preferredLanguage: said('The language, as Accept-Language has it.', 'en-GB'),
    locale: said('The locale.', 'en-GB'),
    timezone: said('The time zone.', 'Europe/London'),
    employeeNumber: said('The number of the employee.', '7001'),
    costCenter: said('The cost center.', '4130'),
    organization: said('The organization.', 'Acme'),
    division: said('The division.', 'Research'),
    department: said('The department.', 'Analytical Engines'),
    phoneNumbers: z
      .array(
        z.object({
          value: said('The number.', '+44 20 7946 0000'),
          type: said('What kind of number it is.', 'work'),
        }),
      )
      .meta({ description: 'Phone numbers.' }),
  })
  .meta({
    id: 'UserProfile',
    description: 'What a directory said of the user, null where it said nothing.',
  });

const externalIdShape = z.object({
  connectionId: z.string(),
  connectionName: z.string(),
  externalId: said('What the directory of the connection calls the user.', '00u1a2b3c4'),
});

/** One user with what their directories said. */
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
