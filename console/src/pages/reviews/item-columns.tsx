import type { ReviewItem } from '../../api/schema.d.ts';
import type { Column } from '../../components/data-table.tsx';
import { nameOf, Person } from '../../components/person.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { Time } from '../../components/time.tsx';
import { DecisionMark, suggestionInWords } from './words.tsx';

/** An item of a review as its table shows it. */
export const ITEM_COLUMNS: readonly Column<ReviewItem>[] = [
  {
    key: 'subject',
    header: 'Person',
    cell: ({ subject, user }) => (
      <Person
        name={subject.name}
        email={
          subject.type === 'user'
            ? subject.email
            : `${subject.type === 'api_key' ? 'API key' : 'Service account'} of ${user === null ? 'no one' : nameOf(user)}`
        }
      />
    ),
  },
  {
    key: 'role',
    header: 'Role',
    width: 124,
    from: 560,
    cell: ({ effectiveRole }) =>
      effectiveRole === null ? <span className="muted">–</span> : <RoleLabel role={effectiveRole} />,
  },
  {
    key: 'last',
    header: 'Last used',
    width: 108,
    from: 860,
    cell: ({ lastLoginAt, lastActiveAt, suggestion }) => (
      <span className={suggestion.decision === 'deactivate' ? 'warning' : undefined}>
        <Time at={lastActiveAt ?? lastLoginAt} />
      </span>
    ),
  },
  {
    key: 'unused',
    header: 'Rights unused',
    width: 116,
    from: 880,
    cell: ({ rights }) =>
      rights === null || rights.unused.length + rights.used.length === 0 ? (
        <span className="muted">–</span>
      ) : (
        <span className="figures">
          {rights.unused.length} of {rights.unused.length + rights.used.length}
        </span>
      ),
  },
  {
    key: 'suggestion',
    header: 'Suggestion',
    width: 216,
    from: 460,
    cell: (row) => (
      <span className="muted" title={row.suggestion.reasons.join(' ')}>
        {suggestionInWords(row)}
      </span>
    ),
  },
  { key: 'decision', header: 'Decision', width: 132, narrow: 98, cell: (row) => <DecisionMark item={row} /> },
];
