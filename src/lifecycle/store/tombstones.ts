import { createHash } from 'node:crypto';
import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { AddressVariants } from '../../directory/users/rules/address-variants.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { LoginNames } from '../../sso/store/logins.ts';

/**
 * What is kept of the names of a deleted user: digests, so that a sign-in brings no one back, erased or not
 * (docs/sso-design.md §4, rule 2). A part of statements that delete.
 *
 * @param org the parameter with the organization
 * @param user the parameter with the user's id
 * @param at the parameter with the time
 * @param deleted a common table that has a row if the user is really deleted
 */
export const keepErasedDigests = (org: string, user: string, at: string, deleted: string) =>
  `insert into tombstones (org_id, key, deleted_at)
    select ${org}, sha256(convert_to(${org}::text || E'\\n' || name, 'UTF8')), ${at}
    from (
      select 'name' || E'\\n' || key as name
      from users, unnest(array[user_name_key, email_key, shared_email_key,
        regexp_replace(user_name_key, '\\+[^@]*@', '@'), regexp_replace(email_key, '\\+[^@]*@', '@'),
        regexp_replace(shared_email_key, '\\+[^@]*@', '@')]) as key
      where org_id = ${org} and id = ${user}
      union all
      select 'external_id' || E'\\n' || connection_id::text || E'\\n' || external_id
      from user_links where org_id = ${org} and user_id = ${user}
      union all
      select 'subject' || E'\\n' || connection_id::text || E'\\n' || subject
      from identities where org_id = ${org} and user_id = ${user}
    ) as names, ${deleted}
    where name is not null on conflict do nothing`;

const digest = (org: OrgId, name: string): Buffer =>
  createHash('sha256').update(`${org}\n${name}`, 'utf8').digest();

const buried: Statement = {
  name: 'tombstones-any',
  text: 'select exists (select from tombstones where org_id = $1 and key = any($2::bytea[])) as held',
};

/** Whether a user who had the address, but for a tag, was deleted. */
export async function hasDeletedAddress(
  tx: Executor,
  org: OrgId,
  { spellings, untagged }: AddressVariants,
): Promise<boolean> {
  const keys = [...spellings, ...untagged].map((key) => digest(org, `name\n${key}`));
  const [row] = await tx.query<{ held: boolean }>(buried, [org, keys]);
  return row?.held === true;
}

/** Whether a deleted user had this name at the connection, or this address. */
export async function wasErased(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  names: LoginNames,
): Promise<boolean> {
  const keys = [
    digest(org, `external_id\n${connection}\n${names.externalId}`),
    digest(org, `subject\n${connection}\n${names.subject}`),
    digest(org, `subject\n${connection}\n${names.subjectAsSent}`),
    ...[...names.address.spellings, ...names.address.untagged].map((key) => digest(org, `name\n${key}`)),
  ];
  const [row] = await tx.query<{ held: boolean }>(buried, [org, keys]);
  return row?.held === true;
}
