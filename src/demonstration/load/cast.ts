import type { UserId } from '../../directory/ids.ts';
import { DOMAIN } from '../rules/people.ts';
import type { Api } from './world.ts';

/** What the month knows of the people, by their addresses. */
export interface Cast {
  readonly users: ReadonlyMap<string, UserId>;
  readonly groups: ReadonlyMap<string, string>;
}

export const addressOf = (name: string): string => `${name}@${DOMAIN}`;

export function userOf({ users }: Cast, name: string): UserId {
  const found = users.get(addressOf(name));
  if (found === undefined) throw new Error(`The demonstration lacks ${name}.`);
  return found;
}

export function groupOf({ groups }: Cast, name: string): string {
  const found = groups.get(name);
  if (found === undefined) throw new Error(`The demonstration lacks the group ${name}.`);
  return found;
}

/** Who is there now, by their addresses. */
export async function lookAround(api: Api): Promise<Cast> {
  type Page = { data: { id: UserId; email: string; name: string }[]; nextCursor: string | null };
  const all = async (path: string) => {
    const found: Page['data'] = [];
    for (let cursor = ''; ; ) {
      const page = await api.get<Page>(`${path}?limit=100${cursor}`);
      found.push(...page.data);
      if (page.nextCursor === null) return found;
      cursor = `&cursor=${page.nextCursor}`;
    }
  };
  return {
    users: new Map((await all('/users')).map(({ email, id }) => [email, id])),
    groups: new Map((await all('/groups')).map(({ name, id }) => [name, id])),
  };
}
