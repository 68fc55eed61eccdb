import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import type { PostureFigure } from '../../api/schema.d.ts';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import styles from './posture-page.module.css';

/** What a figure is called, and where the people or keys behind it are. */
const FIGURES: Readonly<
  Record<PostureFigure['key'], readonly [label: string, to: string, search: Readonly<Record<string, string>>]>
> = {
  owners: ['Owners', '/users', { status: 'active', owner: 'true' }],
  admins: ['Role admin', '/users', { status: 'active', effectiveRole: 'admin' }],
  configure: ['Role configure', '/users', { status: 'active', effectiveRole: 'configure' }],
  privileged_without_second_factor: [
    'Configure or admin with a password alone',
    '/users',
    { status: 'active', effectiveRole: 'configure,admin', passwordAlone: 'true' },
  ],
  without_second_factor: [
    'Password alone, without a second factor',
    '/users',
    { status: 'active', passwordAlone: 'true' },
  ],
  inactive: ['Inactive for 90 days', '/users', { status: 'active', inactiveDays: '90' }],
  outside_sso: ['Outside single sign-on', '/users', { status: 'active', outsideSso: 'true' }],
  unused_service_accounts: [
    'Service accounts without use for 90 days',
    '/service-accounts',
    { status: 'active', unusedDays: '90' },
  ],
  unused_api_keys: [
    'API keys without use for 90 days',
    '/api-keys',
    { tab: 'all', state: 'active', unusedDays: '90' },
  ],
  api_keys_without_expiry: [
    'API keys that never expire',
    '/api-keys',
    { tab: 'all', state: 'active', expires: 'false' },
  ],
};

/** What history knows as well. */
const OF_HISTORY: readonly PostureFigure['key'][] = ['owners', 'admins', 'configure'];

/** R135: how many may much, and what is unused. */
export function PosturePage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['posture'],
    queryFn: () => dataOf(api.GET('/posture')),
  });
  return (
    <Page
      title="Posture"
      beside={
        data && (
          <span className="muted">
            {data.activePeople === null
              ? 'active people not counted'
              : counted(data.activePeople, 'active person', 'active people')}
          </span>
        )
      }
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <table className={`stacks ${styles.table}`}>
          <caption className="visually-hidden">Posture figures</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" className={styles.number}>
                Now
              </th>
              <th scope="col" className={styles.number}>
                {data.previous === null ? 'Before' : <Time at={data.previous.at} form="date" />}
              </th>
              <th scope="col" className={styles.number}>
                Limit
              </th>
              <th scope="col">What to know</th>
            </tr>
          </thead>
          <tbody>
            {data.figures.map((figure) => {
              const [label, to, search] = FIGURES[figure.key];
              return (
                <tr key={figure.key}>
                  <th scope="row">
                    <Link to={to as never} search={search as never}>
                      {label}
                    </Link>
                  </th>
                  <td className={styles.number}>{written(figure.count, figure.percent)}</td>
                  <td className={`${styles.number} muted`}>
                    {figure.previous !== null
                      ? written(figure.previous.count, figure.previous.percent)
                      : data.previous?.activePeople === null && OF_HISTORY.includes(figure.key)
                        ? 'not counted'
                        : '–'}
                  </td>
                  <td className={`${styles.number} muted`}>
                    {figure.isPercent ? `${figure.limit} %` : figure.limit}
                  </td>
                  <td>
                    {figure.warning !== null ? (
                      <Status shape="diamond">
                        <span className="warning">{figure.warning}</span>
                      </Status>
                    ) : figure.notCounted !== null ? (
                      <span className="muted">{figure.notCounted}</span>
                    ) : isAbove(figure) ? (
                      <Status shape="ring">Too few people for a limit in per cent</Status>
                    ) : (
                      <Status shape="disc">Within the limit</Status>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Page>
  );
}

/** Above its limit, which does not count where people are few. */
const isAbove = ({ isPercent, percent, limit }: PostureFigure): boolean =>
  isPercent && percent !== null && percent > limit;

const written = (count: number | null, percent: number | null): string =>
  count === null
    ? 'not counted'
    : percent === null
      ? count.toLocaleString('en-GB')
      : `${count.toLocaleString('en-GB')} (${percent.toFixed(1)} %)`;
