import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/**
 * Items that follow from what a user did, and when each was so first; ISO 8601, null while it is not. An account is set up
 * when it was signed in to; the first question is known to the hour, and only while the activity is kept.
 */
export type OnboardingFacts = Readonly<
  Record<'account_set_up' | 'groups_assigned' | 'second_factor' | 'first_question', string | null>
>;

const facts: Statement = {
  name: 'onboarding-facts',
  text: `select
      case when u.last_login_at is not null then coalesce(
        (select min(i.accepted_at) from invitations i where i.org_id = $1 and i.user_id = $2),
        (select min(l.linked_at) from identities l where l.org_id = $1 and l.user_id = $2),
        u.last_login_at) end as account_set_up,
      (select min(m.added_at) from group_members m where m.org_id = $1 and m.user_id = $2) as groups_assigned,
      (select t.confirmed_at from user_totp t where t.org_id = $1 and t.user_id = $2) as second_factor,
      (select min(a.hour) from activity_user_hours a where a.org_id = $1 and a.user_id = $2 and a.queries > 0)
        as first_question
    from users u where u.org_id = $1 and u.id = $2`,
};

/** What a user did of what a checklist may ask for. */
export async function findOnboardingFacts(
  db: Executor,
  org: OrgId,
  user: UserId,
): Promise<OnboardingFacts | undefined> {
  return (await db.query<OnboardingFacts>(facts, [org, user]))[0];
}
