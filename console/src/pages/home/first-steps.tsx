import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Demonstration } from '../demonstration/demonstration.tsx';
import styles from './home-page.module.css';

/** How far the set-up of an organization has come. */
export interface Steps {
  readonly organization: string;
  readonly invited: boolean;
  readonly connected: boolean;
}

const SKIPPED = 'first-steps-skipped';

/** @returns undefined when there is nothing left to set up, or for those who do not set up */
export function useFirstSteps(): Steps | undefined {
  const me = useMe();
  const asked = me.may('sso:manage') && me.may('users:manage') && localStorage.getItem(SKIPPED) === null;
  const users = useQuery({
    queryKey: ['users', 'first-steps'],
    enabled: asked,
    queryFn: () => dataOf(api.GET('/users', { params: { query: { limit: 2 } } })),
  });
  const sso = useQuery({
    queryKey: ['sso', 'first-steps'],
    enabled: asked,
    queryFn: () => dataOf(api.GET('/sso/connections')),
  });
  const scim = useQuery({
    queryKey: ['scim', 'first-steps'],
    enabled: asked,
    queryFn: () => dataOf(api.GET('/scim/connections')),
  });
  if (!asked || users.data === undefined || sso.data === undefined || scim.data === undefined)
    return undefined;
  const steps = {
    organization: me.organization.name,
    invited: users.data.data.length > 1,
    // The connection of the first start counts once a provider has used it.
    connected: sso.data.data.length > 0 || scim.data.data.some(({ lastUsedAt }) => lastUsedAt !== null),
  };
  return steps.invited && steps.connected ? undefined : steps;
}

const PROVIDERS = [
  ['okta', 'Okta', 'SAML or OIDC, SCIM'],
  ['entra', 'Microsoft Entra ID', 'SAML or OIDC, SCIM'],
  ['google', 'Google Workspace', 'SAML or OIDC'],
  ['onelogin', 'OneLogin', 'SAML or OIDC, SCIM'],
  ['saml', 'Another SAML provider', 'Metadata by URL or paste'],
  ['oidc', 'Another OIDC provider', 'Issuer URL'],
] as const;

/** The way from an empty organization to one that works. */
export function FirstSteps({ steps }: { readonly steps: Steps }) {
  const me = useMe();
  const [skipped, setSkipped] = useState(false);
  if (skipped) return null;
  return (
    <section className={styles.steps}>
      <h2 style={{ fontSize: 20, lineHeight: '28px' }}>Set up Rollcall</h2>
      <p className="muted" style={{ marginBottom: 16 }}>
        Three steps, about ten minutes. You can stop at any step and continue later.
      </p>
      <ol>
        <Step
          number={1}
          done
          title="Name the organization"
          act={<Link to={'/settings' as never}>Change the name</Link>}
        >
          <bdi>{steps.organization}</bdi>. You are its owner.
        </Step>
        <Step
          number={2}
          done={steps.invited}
          title="Invite a colleague"
          act={
            <Button component={Link} to="/users" search={{ invite: 'open' } as never} size="xs">
              Invite user
            </Button>
          }
        >
          Two people who can sign in are better than one who has lost their phone.
        </Step>
        <Step number={3} done={steps.connected} title="Connect your identity provider">
          It signs people in, and creates and removes them for you. No one is affected before you activate it.
          {!steps.connected && (
            <div className={styles.providers}>
              {PROVIDERS.map(([provider, name, kinds]) => (
                <Link
                  key={provider}
                  to={'/single-sign-on' as never}
                  search={{ add: 'open', provider } as never}
                  className={styles.provider}
                >
                  {name}
                  <span className="muted small">{kinds}</span>
                </Link>
              ))}
            </div>
          )}
        </Step>
      </ol>
      {me.demonstrationOf === null && (
        <div className={styles.look}>
          <h3>Look around in a demonstration organization</h3>
          <Demonstration />
        </div>
      )}
      <p className="muted" style={{ paddingTop: 8 }}>
        No identity provider? <Link to={'/users/import' as never}>Import a file</Link>.{' '}
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            localStorage.setItem(SKIPPED, 'yes');
            setSkipped(true);
          }}
        >
          Skip for now
        </Button>
      </p>
    </section>
  );
}

function Step({
  number,
  done,
  title,
  act,
  children,
}: {
  readonly number: number;
  readonly done: boolean;
  readonly title: string;
  readonly act?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <li className={styles.step}>
      <span className={styles.number} data-done={done}>
        {done ? <IconCheck size={14} aria-hidden /> : number}
        <span className="visually-hidden">{done ? 'Done' : ''}</span>
      </span>
      <div>
        <b>{title}</b>
        <div className="muted">{children}</div>
      </div>
      {act}
    </li>
  );
}
