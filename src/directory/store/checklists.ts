import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId, UserId } from '../ids.ts';

const done: Statement = {
  name: 'checklist-item-done',
  text: 'select exists (select from checklist_items where org_id = $1 and user_id = $2 and item = $3) as done',
};

/** Whether a person has done an item of the onboarding checklist. */
export async function isItemDone(tx: Executor, org: OrgId, user: UserId, item: string): Promise<boolean> {
  return (await tx.query<{ done: boolean }>(done, [org, user, item]))[0]?.done === true;
}
