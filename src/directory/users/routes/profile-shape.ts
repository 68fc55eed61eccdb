import { z } from 'zod';
import { ID } from '../../../rest/field-descriptions/description.ts';
import { connectionId, userShape } from '../../../rest/shapes.ts';
import type { DirectoryProfile } from '../queries.ts';
import type { ProfilePatch } from '../rules/profile-patch.ts';

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

const MAX_TEXT = 1_000;
const text = (description: string, example: string) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty: send null to remove it.')
    .max(MAX_TEXT, `must have ${MAX_TEXT.toLocaleString('en')} characters or fewer.`)
    .nullable()
    .optional()
    .meta({ description, examples: [example] });

const fieldsOf = <Name extends keyof typeof profileShape.shape>(names: readonly Name[]) =>
  Object.fromEntries(
    names.map((name) => {
      const { description = '', examples } = profileShape.shape[name].meta() ?? {};
      const [example = ''] = examples as readonly string[];
      return [name, text(description, example)];
    }),
  ) as Record<Name, ReturnType<typeof text>>;

/** What of a profile can be changed: what is left out stays, null removes. */
export const profilePatchShape = z
  .strictObject({
    ...fieldsOf(CORE),
    ...fieldsOf(OF_ENTERPRISE),
    phoneNumbers: z
      .array(
        z.strictObject({
          value: z
            .string()
            .trim()
            .min(1, 'is required.')
            .max(100, 'must have 100 characters or fewer.')
            .meta({ description: 'The number.', examples: ['+44 20 7946 0000'] }),
          type: text('What kind of number it is.', 'work'),
        }),
      )
      .max(100, 'At most 100 phone numbers.')
      .optional()
      .meta({ description: 'These and no others.' }),
  })
  .meta({
    id: 'UserProfilePatch',
    description: 'Fields of the profile to change: what is left out stays, and null removes.',
    examples: [{ title: 'Engineer', department: 'Analytical Engines', nickName: null }],
  });

/** What connections are to call a user. */
export const externalIdsShape = z
  .array(
    z.strictObject({
      connectionId: connectionId.meta({ description: 'A SCIM connection that provisions the user.' }),
      externalId: z
        .string()
        .trim()
        .min(1, 'must not be empty: send null to remove it.')
        .max(512, 'must have 512 characters or fewer.')
        .nullable()
        .meta({
          description: 'What the directory of the connection calls the user.',
          examples: ['00u1a2b3c4'],
        }),
    }),
  )
  .max(100, 'At most 100 values.')
  .meta({
    description:
      'What connections that provision the user call them; connections that are left out stay. An owner who insists (?force=true) changes them.',
    examples: [[{ connectionId: ID, externalId: '00u1a2b3c4' }]],
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

/** @returns the patch by the names of SCIM's schemas */
export function readProfilePatch({
  phoneNumbers,
  ...fields
}: z.output<typeof profilePatchShape>): ProfilePatch {
  const given = (names: readonly string[]) =>
    Object.fromEntries(
      Object.entries(fields).filter(([name, value]) => names.includes(name) && value !== undefined),
    );
  const enterprise = given(OF_ENTERPRISE);
  return {
    ...given(CORE),
    ...(Object.keys(enterprise).length === 0 ? {} : { [ENTERPRISE]: enterprise }),
    ...(phoneNumbers === undefined
      ? {}
      : {
          phoneNumbers: phoneNumbers.map(({ value, type }) => ({ value, ...(type == null ? {} : { type }) })),
        }),
  };
}

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
