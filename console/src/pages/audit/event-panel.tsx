import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import { rowsOf } from '../../api/lists.ts';
import type { AuditEvent, EventParty } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { CopyButton } from '../../components/copy.tsx';
import { After, Difference } from '../../components/difference.tsx';
import { Failure } from '../../components/failure.tsx';
import { countryName } from '../../components/location.ts';
import { SidePanel } from '../../components/side-panel.tsx';
import { Status } from '../../components/status.tsx';
import { exactTime, inLocalTime, Time } from '../../components/time.tsx';
import styles from './audit.module.css';
import { auditFilters, auditQuery, partyName } from './filters.ts';

const VIAS: Readonly<Record<string, string>> = {
  api: 'the API or this console',
  scim: 'SCIM',
  sso: 'single sign-on',
  sign_in: 'signing in',
  invitation: 'an invitation',
  cli: 'the command line',
  schedule: 'a schedule',
};

/** One event: what changed, who did it and from where, and the seal that proves it. */
export function EventPanel({ eventId }: { readonly eventId: string }) {
  const [search, setSearch] = usePageSearch();
  const list = useInfiniteQuery(auditQuery(auditFilters(search)));
  const events = rowsOf(list);
  const at = events.findIndex(({ id }) => id === eventId);
  const openAt = (place: number) => () => setSearch({ open: events[place]?.id });
  const narrow = (changed: Readonly<Record<string, string | undefined>>) =>
    setSearch({ ...changed, open: undefined });
  const { data: event, error } = useQuery({
    queryKey: ['audit', 'event', eventId],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () =>
      (await dataOf(api.GET('/audit/{id}', { params: { path: { id: eventId } } }))) as AuditEvent,
  });
  return (
    <SidePanel
      label="Event"
      onPrevious={at > 0 ? openAt(at - 1) : undefined}
      onNext={at >= 0 && at < events.length - 1 ? openAt(at + 1) : undefined}
      onClose={() => setSearch({ open: undefined })}
      footer={
        event === undefined ? undefined : (
          <>
            <Button onClick={() => narrow({ actor: event.actor.id })}>All by the same</Button>
            <Button onClick={() => narrow({ about: event.target.id, user: undefined })}>
              All about the same
            </Button>
            {requestOf(event) !== undefined && (
              <Button onClick={() => narrow({ requestId: requestOf(event) })}>All of this request</Button>
            )}
          </>
        )
      }
    >
      {error !== null && <Failure error={error} />}
      {event !== undefined && <Facts event={event} />}
    </SidePanel>
  );
}

function Facts({ event }: { readonly event: AuditEvent }) {
  return (
    <div className="stack" style={{ gap: 18 }}>
      <h2 dir="auto" style={{ overflowWrap: 'anywhere' }}>
        {inLocalTime(event.sentence)}
      </h2>
      <Changes changes={event.changes} />
      <dl className="facts">
        <dt>When</dt>
        <dd>
          <time dateTime={event.at}>{exactTime(event.at)}</time>
        </dd>
        <dt>Outcome</dt>
        <dd>
          <Status shape={event.outcome === 'failure' ? 'square' : 'disc'}>
            {event.outcome === 'failure' ? 'Failed' : 'Succeeded'}
          </Status>
        </dd>
        <dt>Who</dt>
        <dd>
          <Party party={event.actor} />
        </dd>
        <dt>Done to</dt>
        <dd>
          <Party party={event.target} />
        </dd>
        {event.member !== null && (
          <>
            <dt>Other party</dt>
            <dd>
              <Party party={event.member} />
            </dd>
          </>
        )}
        {event.reason !== null && (
          <>
            <dt>Reason</dt>
            <dd dir="auto">“{event.reason}”</dd>
          </>
        )}
        <dt>Through</dt>
        <dd>{VIAS[event.via] ?? event.via}</dd>
        <dt>From</dt>
        <dd>
          {event.ip ?? <span className="muted">no address</span>}
          {event.country !== null && `, ${countryName(event.country)}`}
          {event.userAgent !== null && (
            <>
              <br />
              <span className="muted small">{event.userAgent}</span>
            </>
          )}
        </dd>
        <dt>Event</dt>
        <dd>
          <code>{event.action}</code>
        </dd>
        {requestOf(event) !== undefined && <Id label="Request" value={requestOf(event) as string} />}
        {event.sessionId !== null && <Id label="Session" value={event.sessionId} />}
      </dl>
      <Seal event={event} />
    </div>
  );
}

function Id({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd className="row">
        <code className={styles.digest}>{value}</code>
        <CopyButton value={value} what={label.toLowerCase()} />
      </dd>
    </>
  );
}

function Party({ party }: { readonly party: EventParty }) {
  const name = partyName(party);
  return (
    <>
      {party.type === 'user' ? (
        <Link to="/users/$userId" params={{ userId: party.id }}>
          <bdi>{name}</bdi>
        </Link>
      ) : party.type === 'group' ? (
        <Link to={'/groups/$groupId' as never} params={{ groupId: party.id } as never}>
          <bdi>{name}</bdi>
        </Link>
      ) : (
        <bdi>{name}</bdi>
      )}
      {party.type !== 'user' && party.name !== null && (
        <span className="muted"> {party.type.replaceAll('_', ' ')}</span>
      )}
      {party.email !== null && party.email !== name && (
        <>
          <br />
          <span className="muted small">{party.email}</span>
        </>
      )}
    </>
  );
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const written = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value !== 'string') return JSON.stringify(value);
  return INSTANT.test(value) ? exactTime(value) : value;
};

function Changes({ changes }: { readonly changes: AuditEvent['changes'] }) {
  const values = Object.entries(changes?.values ?? {});
  const attributes = changes?.attributes ?? [];
  if (values.length === 0 && attributes.length === 0) return null;
  return (
    <section className="stack" style={{ gap: 6 }}>
      <h3>What changed</h3>
      <dl className={styles.values}>
        {values.map(([name, [before, after]]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {before === null || before === undefined || written(before) === written(after) ? (
                <After>{written(after)}</After>
              ) : (
                <Difference before={written(before)} after={written(after)} />
              )}
            </dd>
          </div>
        ))}
        {attributes.length > 0 && (
          <div>
            <dt>Personal values, of which only the names are kept</dt>
            <dd>{attributes.join(', ')}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** The request that an event belongs to; what the schedule or the command line does has the name of a job there. */
const requestOf = ({ requestId }: AuditEvent): string | undefined =>
  requestId !== null && /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(requestId) ? requestId : undefined;

function Seal({ event }: { readonly event: AuditEvent }) {
  const requestId = requestOf(event);
  const { data, error } = useQuery({
    queryKey: ['audit', 'proofs', requestId],
    enabled: requestId !== undefined,
    queryFn: () =>
      dataOf(api.GET('/audit/proofs/{requestId}', { params: { path: { requestId: requestId ?? '' } } })),
  });
  const seal = data?.proofs.find((proof) => proof.event === event.id)?.seal;
  return (
    <section className="stack" style={{ gap: 6 }}>
      <h3>Seal</h3>
      {error !== null && <Failure error={error} />}
      {requestId === undefined ? (
        <p className="muted">
          It belongs to no request. The Verification tab says whether its seal is unbroken.
        </p>
      ) : seal !== undefined ? (
        <>
          <p>
            Sealed <Time at={seal.sealedAt} form="dateTime" /> as part of seal {seal.n}: any change to it
            would show.
          </p>
          <div className="row">
            <code className={styles.digest}>{seal.digest}</code>
            <CopyButton value={seal.digest} what="digest of the seal" />
          </div>
        </>
      ) : (
        data !== undefined && <p className="muted">Not sealed yet: it will be in the next seal.</p>
      )}
    </section>
  );
}
