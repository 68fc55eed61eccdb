import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import { Page } from '../../components/page.tsx';
import styles from './help-page.module.css';

/** R58: the quick reference of the specification. */
const QUICK_REFERENCE = [
  ['Owner', 'Yes', 'Yes', 'Yes', 'Yes'],
  ['Admin', 'Yes', 'Yes', 'Yes', 'Yes'],
  ['Manager', 'Yes', 'Own only', 'Group only', 'Group only'],
  ['User', 'No', 'No', 'No', 'Self only'],
] as const;

const SCOPES: Readonly<Record<string, string>> = {
  all: 'All',
  group: 'Groups they manage',
  member: 'Groups they are in',
  own: 'Own',
  self: 'Self',
  none: '–',
};
const RANKS = ['readonly', 'train', 'configure', 'admin', 'owner'] as const;

/** What administrators look up: what roles may, how groups work, why someone cannot get in. */
export function HelpPage() {
  const { data } = useQuery({
    queryKey: ['permissions'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => dataOf(api.GET('/permissions')),
  });
  return (
    <Page title="Help">
      <div className={styles.help}>
        <section id="permissions">
          <h2>User permissions</h2>
          <p className="muted">
            readonly and train are users, configure is a manager, admin an administrator; an owner is an admin
            who may also make others owners. Elsewhere owners are called Super Admins.
          </p>
          <div className={styles.scroll}>
            <table className={styles.table}>
              <caption className="visually-hidden">Quick reference of the tiers</caption>
              <thead>
                <tr>
                  <th scope="col">Role</th>
                  <th scope="col">Can Create Agents</th>
                  <th scope="col">Can Edit All Agents</th>
                  <th scope="col">Can Manage Users</th>
                  <th scope="col">Can View All Analytics</th>
                </tr>
              </thead>
              <tbody>
                {QUICK_REFERENCE.map(([tier, ...cells]) => (
                  <tr key={tier}>
                    <th scope="row">{tier}</th>
                    {cells.map((cell, at) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: the columns do not move
                      <td key={at}>{cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {data !== undefined && (
            <details>
              <summary>Every permission</summary>
              <div className={styles.scroll}>
                <table className={styles.table}>
                  <caption className="visually-hidden">How far each permission reaches, by role</caption>
                  <thead>
                    <tr>
                      <th scope="col">Permission</th>
                      {RANKS.map((rank) => (
                        <th scope="col" key={rank}>
                          {rank}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {data.permissions.map(({ key, meaning, scopes }) => (
                      <tr key={key}>
                        <th scope="row">
                          {meaning} <code>{key}</code>
                        </th>
                        {RANKS.map((rank) => (
                          <td key={rank}>{SCOPES[(scopes as Record<string, string>)[rank] ?? 'none']}</td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </details>
          )}
          <p>
            A change takes effect with the next request; programs that cache permissions follow within 5
            minutes.
          </p>
        </section>
        <section id="groups">
          <h2>Group management</h2>
          <p>
            A <Link to={'/groups' as never}>group</Link> gives everyone in it a role and rights to resources,
            and may have managers of its own. The strongest of a person’s roles counts: their own, those of
            their groups, a temporary one. Groups that a directory manages are changed there, but their role
            is still set here.
          </p>
        </section>
        <section id="sign-in">
          <h2>When someone cannot sign in</h2>
          <ol className={styles.steps}>
            <li>
              Search their address in <Link to="/users">Users</Link>. <b>Pending</b>: they have to open the
              link of their invitation first; Resend invite makes a new one. <b>Inactive</b>: Activate lets
              them in again.
            </li>
            <li>
              Open the person, then <b>Security</b>: it shows their failed logins. Five lock the account;
              Unlock account opens it.
            </li>
            <li>
              <Link to={'/single-sign-on' as never}>Single sign-on</Link>: is it active, and is the domain of
              their address in the list? The traces say why a sign-in failed and what to do.
            </li>
          </ol>
        </section>
        <section id="missing">
          <h2>When someone reports “You don’t have permission to access this”</h2>
          <p>
            Open the person, then <b>Access</b>: each right is there with its source, and “Why can’t they…?”
            gives the reason and who can change it. The role or a group is usually what is missing.
          </p>
        </section>
        <section id="import">
          <h2>When an import shows errors</h2>
          <p>
            <b>Invalid email format</b>: it must have an @ and a domain. <b>Duplicate email</b>: skip the row
            or update the role. <b>Invalid role</b>: exactly readonly, train, configure or admin.{' '}
            <b>Group not found</b>: create the group first. Download the error CSV, fix its rows, import it
            again.
          </p>
        </section>
      </div>
    </Page>
  );
}
