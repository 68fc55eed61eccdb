import { displayNameOf } from './fragments.ts';

/**
 * Who an id names, as JSON text for `toReference`; null where the id is null. Each is looked up by its key (ADR 0021).
 * @param org the organization, `id` the id of a user or a service account: columns or parameters
 */
export const referenceTo = (org: string, id: string) => `case when ${id} is not null then coalesce(
    (select json_build_array('user', r.id, ${displayNameOf('r')}, coalesce(r.email, r.user_name))::text
      from users r where r.org_id = ${org} and r.id = ${id}),
    (select json_build_array('service_account', r.id, r.name, null)::text
      from service_accounts r where r.org_id = ${org} and r.id = ${id}),
    json_build_array('deleted', ${id}, null, null)::text) end`;
