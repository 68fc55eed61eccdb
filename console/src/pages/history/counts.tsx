import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiError } from '../../api/client.ts';
import { Failure } from '../../components/failure.tsx';
import { Figures } from '../../components/figures.tsx';
import { type Span, summaryQuery } from './history.ts';

/** What differs between two moments, in numbers. */
export function Counts({ span }: { readonly span: Span }) {
  const { data, error } = useQuery({
    ...summaryQuery(span),
    placeholderData: keepPreviousData,
  });
  // What is refused of the two moments is said once, in the place of the list.
  if (error instanceof ApiError && error.status < 500 && error.status >= 400) return null;
  if (error !== null) return <Failure error={error} />;
  const counts = new Map(Object.entries(data?.counts ?? {}));
  const sum = (...effects: string[]) =>
    effects.reduce((total, effect) => total + (counts.get(effect) ?? 0), 0);
  const owners = sum('gained_owner') - sum('lost_owner');
  const facts = [
    { label: 'joined', count: sum('joined'), sign: '+' },
    { label: 'left', count: sum('left'), sign: '−' },
    { label: 'gained a role', count: sum('gained_role') },
    { label: 'lost a role', count: sum('lost_role') },
    { label: 'activated or deactivated', count: sum('activated', 'deactivated') },
    { label: 'given a temporary role', count: sum('elevated') },
    { label: 'memberships changed', count: sum('gained_group', 'lost_group', 'in_group_role_changed') },
    {
      label: owners < 0 ? 'owners lost' : owners === 1 ? 'owner added' : 'owners added',
      count: Math.abs(owners),
    },
  ].filter(({ count }) => count > 0);
  return (
    <>
      {facts.length > 0 && (
        <Figures
          label="What differs"
          facts={facts.map(({ label, count, sign = '' }) => ({
            label,
            value: `${sign}${count.toLocaleString('en-GB')}`,
          }))}
        />
      )}
      {data?.whole === false && (
        <p className="small muted">There are too many changes to count: the oldest are left out.</p>
      )}
    </>
  );
}
