import type { GroupId, OrgId } from '../../directory/ids.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** What a user with a job is to have from day 1 (R117). */
export interface JobFunction {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly groups: readonly { readonly id: GroupId; readonly name: string }[];
}

/** A group that was deleted is in no template any more. */
const list: Statement = {
  name: 'job-function-list',
  text: `select j.id, j.name, j.role,
      (select json_agg(json_build_object('id', g.id, 'name', g.display_name) order by g.display_name_key)::text
        from groups g where g.org_id = j.org_id and g.id = any(j.group_ids)) as groups
    from job_functions j where j.org_id = $1 order by j.position`,
};

/** All of them, in the order in which they were written. */
export async function listJobFunctions(db: Executor, org: OrgId): Promise<JobFunction[]> {
  type Row = { id: string; name: string; role: Role; groups: string | null };
  const rows = await db.query<Row>(list, [org]);
  return rows.map((row) => ({ ...row, groups: JSON.parse(row.groups ?? '[]') as JobFunction['groups'] }));
}

const clear: Statement = {
  name: 'job-function-clear',
  text: 'delete from job_functions where org_id = $1',
};

/** An array of arrays would have to be rectangular: the groups of each come as a JSON text. */
const insert: Statement = {
  name: 'job-function-insert',
  text: `insert into job_functions (org_id, id, name, role, group_ids, position)
    select $1, id, name, role, array(select json_array_elements_text(groups::json))::uuid[], position
    from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) with ordinality
      as j (id, name, role, groups, position)`,
};

/** Makes the templates these and no others. */
export async function replaceJobFunctions(
  tx: Executor,
  org: OrgId,
  functions: readonly JobFunction[],
): Promise<void> {
  await tx.query(clear, [org]);
  await tx.query(insert, [
    org,
    functions.map(({ id }) => id),
    functions.map(({ name }) => name),
    functions.map(({ role }) => role),
    functions.map(({ groups }) => JSON.stringify(groups.map(({ id }) => id))),
  ]);
}
