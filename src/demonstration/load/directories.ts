import { DEPARTMENTS, type MadeUpPerson, peopleOfEntra, peopleOfOkta } from '../rules/people.ts';
import { type Cast, groupOf, userOf } from './cast.ts';
import type { Provider, World } from './world.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export const oktaUser = ({ given, family, email, department, title }: MadeUpPerson, at: number): object => ({
  schemas: [USER, ENTERPRISE],
  userName: email,
  name: { givenName: given, familyName: family },
  emails: [{ primary: true, value: email, type: 'work' }],
  displayName: `${given} ${family}`,
  title,
  locale: 'en-US',
  externalId: `00u${(1_000 + at).toString(36)}hald5d7`,
  groups: [],
  active: true,
  [ENTERPRISE]: { department, employeeNumber: String(4_100 + at) },
});

export const entraUser = ({ given, family, email, department, title }: MadeUpPerson, at: number): object => ({
  schemas: [USER, ENTERPRISE],
  externalId: `b4f0${(4_096 + at).toString(16)}-lab`,
  userName: email,
  active: true,
  displayName: `${given} ${family}`,
  title,
  emails: [{ primary: true, type: 'work', value: email }],
  meta: { resourceType: 'User' },
  name: { formatted: `${given} ${family}`, familyName: family, givenName: given },
  [ENTERPRISE]: { department, employeeNumber: String(7_200 + at) },
});

export async function pushPeople(
  provider: Provider,
  people: readonly MadeUpPerson[],
  toUser: (person: MadeUpPerson, at: number) => object,
): Promise<void> {
  await provider.send('GET', '/Users', undefined, 'startIndex=1&count=2');
  for (const [at, person] of people.entries()) {
    await provider.send('GET', '/Users', undefined, `filter=userName eq "${person.email}"`);
    const status = await provider.send('POST', '/Users', toUser(person, at));
    if (status !== 201) throw new Error(`${person.email} was not created: ${status}.`);
  }
}

/** A group for each department, filled by Okta; the laboratory by Entra ID. */
export async function pushGroups(okta: Provider, entra: Provider, cast: Cast): Promise<void> {
  const push = async (provider: Provider, name: string, people: readonly MadeUpPerson[]) => {
    const members = people.map(({ email }) => ({ value: cast.users.get(email) }));
    await provider.send('GET', '/Groups', undefined, `filter=displayName eq "${name}"`);
    await provider.send('POST', '/Groups', { schemas: [GROUP], displayName: name, members });
  };
  for (const department of DEPARTMENTS.filter((each) => each !== 'Laboratory')) {
    await push(
      okta,
      department,
      peopleOfOkta.filter((person) => person.department === department),
    );
  }
  await push(entra, 'Laboratory', peopleOfEntra);
  await push(
    okta,
    'Field service',
    peopleOfOkta.filter((_, at) => at % 7 === 3),
  );
}

/** Titles change, and some people move. */
export async function changesOfOkta({ clock }: World, okta: Provider, cast: Cast): Promise<void> {
  const patch = (path: string, ...Operations: readonly object[]) =>
    okta.send('PATCH', path, { schemas: [PATCH], Operations });
  for (const [name, title] of [
    ['kwame.boateng', 'Senior accountant'],
    ['ana.kovac', 'Principal engineer'],
    ['maria.vasconcelos', 'Head of people'],
    ['hiroshi.tanaka', 'Staff engineer'],
  ] as const) {
    await patch(`/Users/${userOf(cast, name)}`, { op: 'replace', value: { title } });
    clock.pass(40);
  }
  const [from, to] = [groupOf(cast, 'Sales'), groupOf(cast, 'Customer support')];
  const moved = userOf(cast, 'agnieszka.wisniewska');
  await patch(`/Groups/${from}`, { op: 'remove', path: `members[value eq "${moved}"]` });
  await patch(`/Groups/${to}`, { op: 'add', path: 'members', value: [{ value: moved }] });
}

/** What identity providers get wrong. */
export async function failingRequests(
  { clock }: World,
  okta: Provider,
  entra: Provider,
  cast: Cast,
): Promise<void> {
  const [first] = peopleOfOkta;
  await okta.send('POST', '/Users', oktaUser(first as MadeUpPerson, 0));
  clock.pass(300);
  await okta.send('PATCH', '/Users/0199c0de-0000-7000-8000-000000000001', {
    schemas: [PATCH],
    Operations: [{ op: 'replace', value: { active: false } }],
  });
  await okta.send('GET', '/Users', undefined, 'filter=title like "%engineer"');
  clock.pass(700);
  await entra.send('POST', '/Users', {
    schemas: [USER],
    externalId: 'lab-printer',
    displayName: 'Label printer',
    active: true,
  });
  await entra.send('PATCH', `/Groups/${groupOf(cast, 'Laboratory')}`, {
    schemas: [PATCH],
    Operations: [{ op: 'add', path: 'members', value: [{ value: '0199c0de-0000-7000-8000-000000000002' }] }],
  });
}

/** Each provider asks every day whether all is as it was. */
export async function polling({ random }: World, okta: Provider, entra: Provider): Promise<void> {
  for (const [provider, people] of [
    [okta, peopleOfOkta],
    [entra, peopleOfEntra],
  ] as const) {
    for (let n = 0; n < 2; n += 1) {
      const person = people[Math.floor(random() * people.length)] as MadeUpPerson;
      await provider.send('GET', '/Users', undefined, `filter=userName eq "${person.email}"`);
    }
  }
}

/** A wrong filter in Okta takes access from many at once, and gives it back. */
export async function massChange({ clock }: World, okta: Provider, cast: Cast): Promise<void> {
  const support = peopleOfOkta.filter(({ department }) => department === 'Customer support');
  const engineers = peopleOfOkta.filter(({ department }) => department === 'Engineering').slice(0, 6);
  const hit = [...support, ...engineers].flatMap(({ email }) => cast.users.get(email) ?? []);
  const setActive = async (active: boolean) => {
    for (const user of hit) {
      await okta.send('PATCH', `/Users/${user}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', value: { active } }],
      });
    }
  };
  await setActive(false);
  clock.pass(1_500);
  await setActive(true);
}
