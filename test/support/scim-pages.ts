import type { Json, TestOrganization } from './rollcall.ts';

export const ACME = 'urn:acme:params:scim:schemas:extension:hr:1.0:User';

/** A schema with a string, a boolean, a number and a time. */
export const acme = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id: ACME,
  name: 'AcmeHr',
  attributes: [
    { name: 'badge', type: 'string', caseExact: true },
    { name: 'remote', type: 'boolean' },
    { name: 'score', type: 'decimal' },
    { name: 'startsAt', type: 'dateTime' },
  ],
};

/** How many users `createUsers` creates. */
export const USERS = 23;

/** Creates users. Every third user has no value of what is optional; names are not in the order of creation. */
export async function createUsers({ scim }: TestOrganization): Promise<void> {
  for (let index = 0; index < USERS; index += 1) {
    const name = `u${(index * 7) % USERS}'"é`;
    const optional = {
      externalId: `x-${name}`,
      displayName: `D${index % 5}`,
      title: `${'t'.repeat(600)}${index}`,
      name: { familyName: index % 2 === 0 ? 'É' : 'e' },
      emails: [{ value: `${index}-${(index * 5) % 7}@rollcall.example` }],
      [ACME]: {
        badge: `B${index % 4}`,
        remote: index % 2 === 0,
        score: (index % 5) / 3,
        startsAt: `2026-0${1 + (index % 3)}-01T00:00:00.12345Z`,
      },
    };
    const user = { userName: name, active: index % 4 !== 0, ...(index % 3 === 0 ? {} : optional) };
    await scim('POST', '/Users', user).expect(201);
  }
}

/** A ListResponse. */
export interface Page {
  readonly totalResults?: number;
  readonly nextCursor?: string;
  readonly itemsPerPage: number;
  readonly Resources: (Json & { id: string })[];
}

/** Makes a query string. */
export const query = (parameters: Readonly<Record<string, string | number>>) =>
  new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)] as [string, string]),
  ).toString();

/** Requests one page. */
export async function getPage(
  { scim }: TestOrganization,
  path: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<Page> {
  return (await scim('GET', `${path}?${query(parameters)}`).expect(200)).body as Page;
}

/** All pages of a list. @param between what is done after each page but the last */
export async function readPages(
  by: TestOrganization,
  path: string,
  parameters: Readonly<Record<string, string | number>>,
  between: (page: Page) => Promise<void> = async () => {},
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Page = await getPage(by, path, { ...parameters, cursor });
    pages.push(page);
    cursor = page.nextCursor;
    if (cursor !== undefined) await between(page);
    if (pages.length > 100) throw new Error('The list does not end.');
  }
  return pages;
}

/** The ids of all resources, in their order. */
export const idsOf = (pages: readonly Page[]) =>
  pages.flatMap(({ Resources }) => Resources.map(({ id }) => id));
