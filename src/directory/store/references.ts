import { displayNameOf } from './fragments.ts';

const reference = (type: string, id: string, name: string, email: string) =>
  `json_build_object('type', '${type}', 'id', ${id}, 'name', ${name}, 'email', ${email})`;

/** The Reference of a user. @param row the alias of users */
export const userReferenceOf = (row: string) =>
  reference('user', `${row}.id`, displayNameOf(row), `coalesce(${row}.email, ${row}.user_name)`);

/**
 * Who an id names, as JSON of a Reference; null where the id is null. Each is looked up by its key (ADR 0021).
 * @param org the organization, `id` the id of a user or a service account: columns or parameters
 */
export const referenceTo = (org: string, id: string) => `case when ${id} is not null then coalesce(
    (select ${userReferenceOf('r')} from users r where r.org_id = ${org} and r.id = ${id}),
    (select ${reference('service_account', 'r.id', 'r.name', 'null')}
      from service_accounts r where r.org_id = ${org} and r.id = ${id}),
    ${reference('deleted', id, 'null', 'null')}) end`;
