import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError, dataOf } from '../../api/client.ts';
import { Failure } from '../../components/failure.tsx';
import { Time } from '../../components/time.tsx';
import { linkApi } from './link-client.ts';
import { ScimSetUp } from './scim-set-up.tsx';
import styles from './set-up-page.module.css';
import { SsoSetUp } from './sso-set-up.tsx';

/** R154: the page that a set-up link opens, for the identity provider’s administrator. */
export function SetUpPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['set-up-link'],
    queryFn: () => dataOf(linkApi.GET('/set-up-link')),
  });
  useEffect(() => {
    document.title = 'Set up a connection · Rollcall';
  }, []);
  return (
    <main className={styles.page}>
      {error !== null && (
        <>
          <h1>This link does not work</h1>
          {error instanceof ApiError && error.status === 401 ? (
            <p className="muted">
              It has expired, was revoked, or is incomplete. Ask the administrator who sent it for another
              one.
            </p>
          ) : (
            <Failure error={error} retry={() => void refetch()} />
          )}
        </>
      )}
      {data !== undefined && (
        <>
          <header className={styles.header}>
            <span className={styles.initial} aria-hidden="true">
              {[...data.organization][0]}
            </span>
            <div>
              <h1>
                {data.kind === 'sso' ? 'Set up single sign-on' : 'Set up provisioning'} for{' '}
                <bdi>{data.organization}</bdi>
              </h1>
              <p className="muted">
                This link works until <Time at={data.expiresAt} form="dateTime" />. You can close the page and
                come back.{' '}
                {data.kind === 'sso' &&
                  !data.mayActivate &&
                  'No one is affected before an administrator activates it.'}
              </p>
            </div>
          </header>
          {data.kind === 'sso' ? <SsoSetUp mayActivate={data.mayActivate} /> : <ScimSetUp />}
        </>
      )}
    </main>
  );
}
