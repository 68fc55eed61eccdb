import type { Executor } from '../../platform/statement.ts';
import type { OrgId } from '../ids.ts';
import { domainOf } from '../rules/domains.ts';
import { domainIsEnforced } from '../store/sso-sign-on.ts';

/** Somebody who would sign in with a password. */
export interface PasswordHolder {
  readonly org_id: OrgId;
  readonly email: string;
  readonly owner: boolean;
}

/** People of an enforced domain sign in at their provider; owners keep a way in of their own (R143). */
export async function passwordCounts(
  db: Executor,
  { org_id, email, owner }: PasswordHolder,
): Promise<boolean> {
  const domain = owner ? undefined : domainOf(email);
  return domain === undefined || !(await domainIsEnforced(db, org_id, domain));
}
