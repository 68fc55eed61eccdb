import { IconCircleCheck, IconCircleX, IconExternalLink, IconLogin2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { SsoConnection, SsoTrace } from '../../../api/schema.d.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Card } from '../../../components/card.tsx';
import { CopyValues } from '../../../components/copy.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { Avatar, nameOf } from '../../../components/person.tsx';
import { RoleLabel } from '../../../components/role.tsx';
import { SmallTable } from '../../../components/small-table.tsx';
import { Status } from '../../../components/status.tsx';
import { Time } from '../../../components/time.tsx';
import styles from '../sso.module.css';
import { type SsoGuide, valuesFor } from '../sso-providers.ts';
import { TraceDetails } from '../traces-tab.tsx';
import { isComplete, path, testResultQuery, useSsoChange } from '../use-sso.ts';
import wizard from './wizard.module.css';

/** A sign-in with exactly these settings, which signs no one in and changes no one. */
export function TestStep({
  connection,
  guide,
}: {
  readonly connection: SsoConnection;
  readonly guide: SsoGuide;
}) {
  const [waitsSince, setWaitsSince] = useState<string>();
  const { data: result = null } = useQuery(testResultQuery(connection.id, waitsSince !== undefined));
  const hasCome = waitsSince !== undefined && result !== null && result.at > waitsSince;
  const settle = useSsoChange(async () => {});
  const { mutate: refresh } = settle;
  useEffect(() => {
    if (!hasCome) return;
    setWaitsSince(undefined);
    // What the test proved stands in the connection.
    refresh(undefined);
  }, [hasCome, refresh]);
  const [opened, setOpened] = useState<Window | null>(null);
  const isClosed = useClosed(waitsSince === undefined ? null : opened);
  const start = useSsoChange(() => dataOf(api.POST('/sso/connections/{id}/test', path(connection.id))));
  const begin = () => {
    // Browsers block a window that opens after an answer as a pop-up.
    const beside = window.open('about:blank', '_blank');
    setOpened(beside);
    start.mutate(undefined, {
      onSuccess: ({ testUrl }) => {
        setWaitsSince(result?.at ?? '');
        if (beside === null) window.location.assign(testUrl);
        else beside.location.replace(testUrl);
      },
      onError: () => beside?.close(),
    });
  };
  const button = (
    <ActionButton
      variant={connection.testedAt === null ? 'filled' : 'default'}
      leftSection={<IconExternalLink size={16} stroke={1.5} aria-hidden />}
      lockedBecause={
        isComplete(connection) ? undefined : 'The provider’s details are incomplete: enter them first.'
      }
      loading={start.isPending}
      onClick={begin}
    >
      {result === null ? 'Test a sign-in' : 'Test again'}
    </ActionButton>
  );
  return (
    <>
      <Head
        result={result}
        testedAt={connection.testedAt}
        waits={waitsSince !== undefined && !isClosed}
        isClosed={isClosed}
        act={button}
      />
      {start.error !== null && <Failure error={start.error} />}
      {result !== null && result.outcome !== 'refused' && (
        <>
          <Attributes connection={connection} trace={result} />
          <div className={styles.columns}>
            <WouldBecome trace={result} />
            <Card title="Values for the provider" beside="under its own labels" flush>
              <CopyValues
                label="Values for the provider"
                values={valuesFor(connection, guide).slice(0, 4)}
                inCard
              />
            </Card>
          </div>
        </>
      )}
      {result !== null && result.outcome === 'refused' && (
        <Card title={result.happened ?? 'The test was refused'}>
          {result.detail !== null && <p>{result.detail}</p>}
          <TraceDetails trace={result} />
        </Card>
      )}
      {result !== null && result.outcome !== 'refused' && (
        <Note tone={connection.testedAt === null ? 'warning' : 'success'}>
          {connection.testedAt === null ? (
            <>
              <b>The settings have changed since this test.</b> Test again: only what was tested can be
              activated.
            </>
          ) : (
            <>
              <b>Only what was tested can be activated.</b> The settings are unchanged since the test. Change
              a value, and this step asks for a new test.
            </>
          )}
        </Note>
      )}
    </>
  );
}

const CLOSED_MS = 1_000;
/** A window that closes behind a test that is done is no loss: its result is asked for every two seconds. */
const GRACE_MS = 3_000;

/** Whether the window of a test has been closed. */
function useClosed(opened: Window | null): boolean {
  const [isClosed, setClosed] = useState(false);
  useEffect(() => {
    setClosed(false);
    if (opened === null) return;
    let since: number | undefined;
    const timer = setInterval(() => {
      if (!opened.closed) return;
      since ??= Date.now();
      if (Date.now() - since >= GRACE_MS) setClosed(true);
    }, CLOSED_MS);
    return () => clearInterval(timer);
  }, [opened]);
  return isClosed;
}

function Head({
  result,
  testedAt,
  waits,
  isClosed,
  act,
}: {
  readonly result: SsoTrace | null;
  readonly testedAt: string | null;
  readonly waits: boolean;
  /** The other window was closed before a result came. */
  readonly isClosed: boolean;
  readonly act: ReactNode;
}) {
  const passed = result !== null && result.outcome !== 'refused';
  const tone = result === null ? undefined : passed ? 'success' : 'danger';
  const Icon = result === null ? IconLogin2 : passed ? IconCircleCheck : IconCircleX;
  return (
    <div className={wizard.head}>
      <span className={wizard.headIcon} data-tone={tone}>
        <Icon size={20} stroke={1.5} aria-hidden />
      </span>
      <div className="grow" aria-live="polite">
        <h2>
          {waits
            ? 'Waiting for the sign-in in the other window'
            : isClosed
              ? 'The other window was closed before the sign-in was complete'
              : result === null
                ? 'Test a sign-in'
                : passed
                  ? 'The test sign-in worked'
                  : 'The test sign-in was refused'}
        </h2>
        <p className="muted">
          {isClosed ? (
            'Nothing was tested. Test again, and sign in at the provider until its window says that the test is done.'
          ) : result === null ? (
            'You sign in at the provider in another window. No user is created or changed.'
          ) : (
            <>
              <Time at={result.at} form="dateTime" />. Nothing was created or changed.
              {passed && testedAt === null && ' The settings have changed since.'}
            </>
          )}
        </p>
      </div>
      {act}
    </div>
  );
}

interface Shown {
  readonly name: string;
  readonly friendlyName?: string;
  readonly values: readonly string[];
  readonly usedAs?: readonly string[];
}

const USES: Readonly<Record<string, string>> = {
  email: 'Email',
  name: 'Name',
  groups: 'Groups',
  externalId: 'External id',
};

/** What the provider sent, and what is made of it. */
function Attributes({ connection, trace }: { readonly connection: SsoConnection; readonly trace: SsoTrace }) {
  const sent = Array.isArray(trace.seen['attributes']) ? (trace.seen['attributes'] as Shown[]) : [];
  // The claim sub is the subject, which has a row of its own.
  const attributes = sent.filter(({ name, usedAs }) => name !== 'sub' || usedAs !== undefined);
  const subject = trace.seen['subject'];
  const certificate = connection.certificates.find(
    ({ fingerprint }) => fingerprint === trace.seen['certificate'],
  );
  return (
    <SmallTable caption="What the provider sent" headers={['Attribute', 'The provider sent', 'Becomes']}>
      {typeof subject === 'string' && (
        <tr>
          <td>
            <code>{connection.protocol === 'saml' ? 'NameID' : 'sub'}</code>
          </td>
          <td>{subject}</td>
          <td>
            <Status shape="disc">Identity at this connection</Status>
          </td>
        </tr>
      )}
      {attributes.map(({ name, friendlyName, values, usedAs }) => (
        <tr key={`${name} ${friendlyName ?? ''}`}>
          <td>
            <code title={name}>{friendlyName ?? name}</code>
          </td>
          <td dir="auto">{values.join(', ')}</td>
          <td>
            {usedAs === undefined ? (
              <span className="muted">Not used</span>
            ) : (
              <Status shape="disc">{usedAs.map((use) => USES[use] ?? use).join(', ')}</Status>
            )}
          </td>
        </tr>
      ))}
      {certificate !== undefined && (
        <tr>
          <td>Signature</td>
          <td>
            Certificate <code>{certificate.fingerprint.slice(0, 12)}…</code>
          </td>
          <td>
            <Status shape={certificate.expired ? 'diamond' : 'disc'}>
              {certificate.expired ? 'Valid, the certificate has expired' : 'Valid'}
            </Status>
          </td>
        </tr>
      )}
    </SmallTable>
  );
}

const WHY: Readonly<Record<string, string>> = {
  unknown: 'not here',
  too_long: 'its name is too long',
  too_many_new: 'too many new groups at once',
  managed_by_scim: 'SCIM manages it',
  carries_a_role: 'it carries a role, and roles are set here',
  carries_admin: 'it makes people admin',
};

/** Who the person of the test would be here after a sign-in. */
function WouldBecome({ trace }: { readonly trace: SsoTrace }) {
  const { wouldBe, user } = trace;
  if (wouldBe === null) return null;
  const refused = wouldBe.kind === 'refuse';
  return (
    <Card title="This person would become">
      {refused ? (
        <div className="stack" style={{ gap: 6 }}>
          <Status shape="square">Not signed in</Status>
          <p>{wouldBe.sentence}</p>
          {wouldBe.remedy !== null && <p className="muted">{wouldBe.remedy}</p>}
        </div>
      ) : (
        <>
          <div className="row" style={{ gap: 10 }}>
            {user !== null && <Avatar name={nameOf(user)} />}
            <div>
              {user !== null && (
                <Link to="/users/$userId" params={{ userId: user.id }}>
                  <bdi>{nameOf(user)}</bdi>
                </Link>
              )}
              <p className="muted">{wouldBe.sentence}</p>
            </div>
          </div>
          <dl className="facts">
            <dt>Role</dt>
            <dd>
              {wouldBe.role === null ? (
                <span className="muted">stays as it is</span>
              ) : (
                <RoleLabel role={wouldBe.role} />
              )}
            </dd>
            <dt>Groups</dt>
            <dd>
              {wouldBe.joins.length === 0 && wouldBe.creates.length === 0 ? (
                <span className="muted">none from the provider</span>
              ) : (
                [...wouldBe.joins, ...wouldBe.creates.map((name) => `${name} (new)`)].join(', ')
              )}
            </dd>
            {wouldBe.ignored.length > 0 && (
              <>
                <dt>Ignored</dt>
                <dd>
                  {wouldBe.ignored.map(({ name, why }) => (
                    <div key={name}>
                      <bdi>{name}</bdi> <span className="muted">{WHY[why] ?? why}</span>
                    </div>
                  ))}
                  <Link to="." search={{ tab: 'auto-provisioning' } as never}>
                    Create or map groups
                  </Link>
                </dd>
              </>
            )}
          </dl>
        </>
      )}
    </Card>
  );
}
