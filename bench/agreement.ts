import type { Answer, Operation } from './operations.ts';
import type { Site } from './site.ts';

/** What a request wrote: how many rows more, and by how much versions and counters rose. */
type Written = Readonly<Record<string, number>>;

const count = `select
  (select count(*)::int from users) as users,
  (select coalesce(sum(version), 0)::int from users) as "versions of users",
  (select count(*)::int from user_links) as user_links,
  (select count(*)::int from user_email_keys) as user_email_keys,
  (select count(*)::int from group_members) as group_members,
  (select coalesce(sum(value), 0)::bigint::int from counters) as counters,
  (select count(*)::int from events) as events`;

/**
 * Shows, before anything is timed, that the two do the same: asks each once, and compares the status, the
 * length of the body and the rows that were written. Keeps the server's answer as bare's template.
 * @throws Error in words if they differ, or if the server's answer is not right
 */
export async function agree(site: Site, operation: Operation): Promise<void> {
  const server = await observe(site, 'server', operation);
  site.templates.set(operation, server.answered);
  await site.instructBare(operation);
  const bare = await observe(site, 'bare', operation);
  if (server.answered.length !== bare.answered.length) {
    throw new Error(`${operation.title}: bare answers with another number of bytes.`);
  }
  const [byServer, byBare] = [JSON.stringify(server.wrote), JSON.stringify(bare.wrote)];
  if (byServer !== byBare) {
    throw new Error(`${operation.title}: the server writes ${byServer}, bare ${byBare}.`);
  }
}

/** Asks once, of members as the operation wants them to be before a request. */
async function observe(
  site: Site,
  side: 'server' | 'bare',
  operation: Operation,
): Promise<{ readonly answered: string; readonly wrote: Written }> {
  if (operation.reset !== undefined) await site.database.query(operation.reset, [site.organization.org]);
  const before = await written(site);
  const answered = await ask(site, side, operation);
  return { answered, wrote: difference(before, await written(site)) };
}

async function ask(site: Site, side: 'server' | 'bare', operation: Operation): Promise<string> {
  const { path, body } = operation.request(site.numbersOf(operation, side).next++, side);
  const response = await fetch(`http://127.0.0.1:${site[side].port}/scim/v2${path}`, {
    method: operation.method,
    headers: {
      Authorization: `Bearer ${site.organization.token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/scim+json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const answer = (text === '' ? {} : JSON.parse(text)) as Answer;
  const right = side === 'bare' || operation.answers(answer, { path, ...(body && { body }) });
  if (response.status !== operation.status || !right) {
    throw new Error(`${operation.title}: the ${side} answers ${response.status} ${text.slice(0, 300)}`);
  }
  return text;
}

async function written({ database }: Site): Promise<Written> {
  return (await database.query<Record<string, number>>(count)).rows[0] ?? {};
}

function difference(before: Written, after: Written): Written {
  return Object.fromEntries(
    Object.keys(after).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]),
  );
}
