/** What may be decided about what. */

type Subject = 'user' | 'service_account' | 'api_key';
type Decided = 'keep' | 'change_role' | 'remove_group' | 'deactivate';

const APPLICABLE: Readonly<Record<Subject, readonly Decided[]>> = {
  user: ['keep', 'change_role', 'remove_group', 'deactivate'],
  service_account: ['keep', 'change_role', 'deactivate'],
  api_key: ['keep', 'deactivate'],
};

/** The decisions that there are about a kind of subject. */
export const decisionsFor = (subject: Subject): readonly Decided[] => APPLICABLE[subject];

/** Access of a high risk is kept only with the reason why (R134). */
export const needsNote = (decision: Decided, risk: 'high' | 'medium' | 'low'): boolean =>
  decision === 'keep' && risk === 'high';
