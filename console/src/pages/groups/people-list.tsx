import { Link } from '@tanstack/react-router';
import { nameOf, Person } from '../../components/person.tsx';
import { Tag } from '../../components/tag.tsx';
import styles from './groups.module.css';
import type { Member } from './use-groups.ts';

/** Members of a group in a narrow column, each a link to the user. @param showsManagers whether managers are marked */
export function PeopleList({
  members,
  showsManagers = false,
}: {
  readonly members: readonly Member[];
  readonly showsManagers?: boolean;
}) {
  return (
    <ul className={styles.people}>
      {members.map(({ user, inGroupRole, suspended }) => (
        <li key={user.id}>
          <span className="grow">
            <Person name={user.name} email={user.email} size="small">
              <Link to="/users/$userId" params={{ userId: user.id }} className={styles.name}>
                {nameOf(user)}
              </Link>
            </Person>
          </span>
          {suspended ? (
            <Tag>suspended</Tag>
          ) : (
            showsManagers && inGroupRole === 'manager' && <Tag>manager</Tag>
          )}
        </li>
      ))}
    </ul>
  );
}
