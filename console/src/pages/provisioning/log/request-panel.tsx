import { IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { ScimConnection, ScimRequestWithBodies } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Card } from '../../../components/card.tsx';
import { Code, readable } from '../../../components/code.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { ROLES } from '../../../components/role.tsx';
import { SidePanel } from '../../../components/side-panel.tsx';
import { Tag } from '../../../components/tag.tsx';
import { exactTime, Time } from '../../../components/time.tsx';
import styles from '../provisioning.module.css';
import { useConnectionChange } from '../use-provisioning.ts';
import { MapRole } from './map-role.tsx';
import { requestQuery, requestsQuery, sentence, toneOf } from './requests.ts';
import { unknownRoles } from './unknown-roles.ts';

/** A request of the log: what its result means, what to do, what it changed, and both bodies. */
export function RequestPanel({
  connection,
  requestId,
}: {
  readonly connection: ScimConnection;
  readonly requestId: string;
}) {
  const [search, setSearch] = usePageSearch();
  const { data: request, error, refetch } = useQuery(requestQuery(connection.id, requestId));
  const { data: list } = useInfiniteQuery({ ...requestsQuery(connection.id, search), enabled: false });
  const ids = list?.pages.flatMap(({ data }) => data.map(({ id }) => id)) ?? [];
  const at = ids.indexOf(requestId);
  const to = (index: number) => (at >= 0 && ids[index] ? () => setSearch({ open: ids[index] }) : undefined);
  return (
    <SidePanel
      wide
      label="Request"
      position={
        at < 0
          ? undefined
          : `${at + 1} of ${ids.length.toLocaleString('en-GB')}${list?.pages.at(-1)?.nextCursor ? '+' : ''}`
      }
      onPrevious={to(at - 1)}
      onNext={to(at + 1)}
      onClose={() => setSearch({ open: undefined })}
      footer={request === undefined ? undefined : <Replay connection={connection} request={request} />}
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {request !== undefined && <Details connection={connection} request={request} />}
    </SidePanel>
  );
}

function Details({
  connection,
  request,
}: {
  readonly connection: ScimConnection;
  readonly request: ScimRequestWithBodies;
}) {
  const { method, path, query, status, error, target, notes, ignored, quirks, changes } = request;
  const address = (to: string, params: object) => ({ to, params }) as never as { to: string };
  return (
    <div className="stack" style={{ gap: 16 }}>
      <h2 className={styles.path}>
        <code>
          {method} {path}
          {query === null ? '' : `?${query}`}
        </code>{' '}
        <Tag tone={toneOf(status)}>{error?.code == null ? String(status) : `${status} ${error.code}`}</Tag>
      </h2>
      {error !== null ? (
        <Card title="What it means">
          <p>
            <b>{error.meaning}</b>
          </p>
          {error.detail !== null && <p className="muted">The provider was told: {error.detail}</p>}
          <div>
            <h3>What to do</h3>
            <p>{error.remedy}</p>
          </div>
          <MapRole connection={connection} request={request} />
        </Card>
      ) : (
        <p>
          <b dir="auto">{sentence(request.summary)}.</b>
        </p>
      )}
      <dl className="facts">
        <dt>When</dt>
        <dd>
          {exactTime(request.at)}, <Time at={request.at} />
        </dd>
        <dt>Took</dt>
        <dd>{request.ms.toLocaleString('en-GB')} ms</dd>
        {request.client !== null && (
          <>
            <dt>Client</dt>
            <dd>{request.client}</dd>
          </>
        )}
        {target !== null && (
          <>
            <dt>About</dt>
            <dd>
              <Link
                {...(target.type === 'user'
                  ? address('/users/$userId', { userId: target.id })
                  : address('/groups/$groupId', { groupId: target.id }))}
              >
                <bdi>{target.name ?? (target.type === 'user' ? 'a deleted user' : 'a deleted group')}</bdi>
              </Link>
            </dd>
          </>
        )}
        {error === null && (
          <>
            <dt>Changed</dt>
            <dd>
              {changes.length === 0 ? <span className="muted">Nothing</span> : <Changes of={changes} />}
            </dd>
          </>
        )}
        {request.replayOf !== null && (
          <>
            <dt>Replay of</dt>
            <dd>
              <Opens id={request.replayOf}>an earlier request</Opens>
            </dd>
          </>
        )}
        <dt>Request id</dt>
        <dd>
          <code>{request.id}</code>
        </dd>
      </dl>
      {(notes.length > 0 || ignored.length > 0 || quirks.length > 0) && (
        <Note>
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
          {ignored.length > 0 && (
            <p>
              Left out because no schema has it: <code>{ignored.join(', ')}</code>
            </p>
          )}
          {quirks.length > 0 && (
            <p>
              Accepted by a tolerance: <code>{quirks.join(', ')}</code>
            </p>
          )}
        </Note>
      )}
      <Body label="Request" part={request.request} error={error} emptiedAt={request.emptiedAt} />
      <Body label="Response" part={request.response} error={error} emptiedAt={request.emptiedAt} />
    </div>
  );
}

function Changes({ of }: { readonly of: ScimRequestWithBodies['changes'] }) {
  return (
    <ul>
      {of.map(({ action, attributes, count, to }) => (
        <li key={`${action} ${attributes.join()}`}>
          <code>{action}</code>{' '}
          <span className="muted">
            {[attributes.join(', '), count === null ? '' : `${count}`, to ?? ''].filter(Boolean).join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A link to another request of the same log. */
function Opens({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  return (
    <Link to="." search={((now: object) => ({ ...now, open: id })) as never}>
      {children}
    </Link>
  );
}

const STATES: Readonly<Record<ScimRequestWithBodies['request']['state'], string>> = {
  whole: '',
  cut: 'Only the beginning is kept.',
  masked: 'Secrets are masked.',
  withheld: 'It is not shown: it could not be checked for secrets.',
  omitted: 'It is not kept: it only repeats what is stored here.',
  none: 'It has no body.',
};

/** What a sentence names. */
const QUOTED = /[“"]([^“”"]{2,})[”"]/g;

function Body({
  label,
  part,
  error,
  emptiedAt,
}: {
  readonly label: string;
  readonly part: ScimRequestWithBodies['request'];
  readonly error: ScimRequestWithBodies['error'];
  readonly emptiedAt: string | null;
}) {
  const said = emptiedAt === null ? STATES[part.state] : 'It was emptied: it named a user who was erased.';
  const guilty =
    error?.code === 'invalid_role'
      ? unknownRoles(part.body, new Set<string>(ROLES))
      : [...(error?.detail ?? '').matchAll(QUOTED)].map(([, value]) => value as string);
  const isGuilty = (line: string) =>
    error !== null &&
    (label === 'Response' ? line.includes('"detail"') : guilty.some((value) => line.includes(`"${value}"`)));
  return (
    <section className="stack" style={{ gap: 6 }}>
      <h3>
        {label}{' '}
        <span style={{ fontWeight: 400 }}>
          {part.bytes > 0 && `${part.bytes.toLocaleString('en-GB')} bytes. `}
          {said}
        </span>
      </h3>
      {part.body !== null && part.body !== '' && (
        <Code label={label} text={readable(part.body)} isGuilty={isGuilty} />
      )}
    </section>
  );
}

function Replay({
  connection,
  request,
}: {
  readonly connection: ScimConnection;
  readonly request: ScimRequestWithBodies;
}) {
  const replay = useConnectionChange(() =>
    dataOf(
      api.POST('/scim/connections/{id}/requests/{requestId}/replay', {
        params: { path: { id: connection.id, requestId: request.id } },
      }),
    ),
  );
  const result = replay.data;
  return (
    <>
      <ActionButton
        leftSection={<IconRefresh size={16} stroke={1.5} aria-hidden />}
        lockedBecause={request.notReplayable ?? undefined}
        loading={replay.isPending}
        onClick={() => replay.mutate(undefined)}
      >
        Replay this request
      </ActionButton>
      <span className="small muted grow" style={{ alignSelf: 'center' }}>
        It runs with the current settings of the connection.
      </span>
      <div style={{ width: '100%' }} aria-live="polite">
        {replay.error !== null && <Failure error={replay.error} />}
        {result !== undefined && (
          <Note tone={result.status < 400 ? 'success' : 'danger'}>
            {result.status < 400 ? (
              <b>It succeeded this time ({result.status}).</b>
            ) : (
              <>
                <b>It failed again ({result.status}).</b> {result.detail}
              </>
            )}{' '}
            <Opens id={result.id}>Open the new request</Opens>
          </Note>
        )}
      </div>
    </>
  );
}
