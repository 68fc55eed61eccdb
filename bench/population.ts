/**
 * The people and groups of the benchmark. Every id, name and body follows from a number, so that the load
 * generator knows them without asking, and a user made by SQL is the user that a request would have made.
 */

/** How many of what an organization holds. Users are numbered: members first, then candidates, then the others. */
export interface Population {
  readonly users: number;
  /** Sizes of groups, largest last: the first users are their members. */
  readonly groupSizes: readonly number[];
}

/** Groups of one size: several, so that a group that ought to have 10 members is not a group of 1,000 soon. */
export function groupsOfSize(size: number): number {
  return Math.max(1, Math.min(100, Math.floor(10_000 / size)));
}

/** The number of the first user who is in no group and may be added to one. */
export function firstCandidate({ groupSizes }: Population): number {
  return Math.max(0, ...groupSizes);
}

/** The number of the first user who is never in a group: half of those who are in none yet. */
export function firstOther(population: Population): number {
  const first = firstCandidate(population);
  return first + Math.ceil((population.users - first) / 2);
}

const USER_ID = '01890000-0000-7000-8000-';
const GROUP_ID = '01890000-0000-7000-9000-';

export function userId(number: number): string {
  return USER_ID + number.toString(16).padStart(12, '0');
}

/** @param number from 0, among the groups of its size */
export function groupId(size: number, number: number): string {
  return GROUP_ID + (size * 1_000 + number).toString(16).padStart(12, '0');
}

/** SQL of `userId` and `groupId`. */
export const userIdSql = (number: string) => `('${USER_ID}' || lpad(to_hex(${number}), 12, '0'))::uuid`;
export const groupIdSql = (size: string, number: string) =>
  `('${GROUP_ID}' || lpad(to_hex(${size} * 1000 + ${number}), 12, '0'))::uuid`;

/** Where the user's number goes, always of as many digits: bodies are of one length. */
export const NUMBER = '#######';

export const USER_NAME = `user${NUMBER}@bench.example`;
export const EXTERNAL_ID = `d290f1ee-6c54-4b01-90e6-00000${NUMBER}`;
export const EMAIL = `person.${NUMBER}@mail.bench.example`;
export const DISPLAY_NAME = `Adele Vance ${NUMBER}`;

/** What Microsoft Entra ID sends with its default mappings filled in. */
const body = {
  schemas: [
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  ],
  externalId: EXTERNAL_ID,
  userName: USER_NAME,
  active: true,
  displayName: DISPLAY_NAME,
  title: 'Retail Manager',
  preferredLanguage: 'en-US',
  name: { givenName: 'Adele', familyName: `Vance ${NUMBER}`, formatted: DISPLAY_NAME },
  emails: [{ type: 'work', value: EMAIL, primary: true }],
  phoneNumbers: [
    { type: 'work', value: `+1 425 ${NUMBER}` },
    { type: 'mobile', value: `+1 206 ${NUMBER}` },
  ],
  addresses: [
    {
      type: 'work',
      formatted: '18/2111, Bellevue',
      streetAddress: '9256 Towne Center Dr., Suite 400',
      locality: 'Bellevue',
      region: 'WA',
      postalCode: '98004',
      country: 'US',
    },
  ],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
    employeeNumber: NUMBER,
    department: 'Retail Operations',
  },
};

const BODY = JSON.stringify(body);
const { schemas: _schemas, externalId: _externalId, userName: _userName, active: _active, ...profile } = body;

/** JSON text of the document in which a user's attributes are stored, its number not yet filled in. */
export const PROFILE = JSON.stringify(profile);

/** Fills the number into one of the texts above. */
export function numbered(text: string, number: number): string {
  return text.replaceAll(NUMBER, String(number).padStart(NUMBER.length, '0'));
}

/** The body of a POST that creates the user of this number. */
export function userBody(number: number): string {
  return numbered(BODY, number);
}
