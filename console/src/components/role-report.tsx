import { Link } from '@tanstack/react-router';
import type { DryRunReport } from '../api/schema.d.ts';
import { nameOf } from './person.tsx';

const SHOWN = 8;

/** Whose rights a change would touch, from a dry run; nothing where it touches no one's. */
export function RoleReport({ people }: Pick<DryRunReport, 'people'>) {
  if (people.length === 0) return null;
  const more = people.length - SHOWN;
  return (
    <section>
      <h3>Whose rights would change</h3>
      <ul>
        {people.slice(0, SHOWN).map(({ user, before, after, because }) => (
          <li key={user.id} title={because}>
            <Link to="/users/$userId" params={{ userId: user.id }}>
              <bdi>{nameOf(user)}</bdi>
            </Link>{' '}
            <span className="muted">
              {before ?? 'none'} <span className="arrow">→</span> {after ?? 'none'}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="muted">and {more.toLocaleString('en-GB')} more</p>}
    </section>
  );
}
