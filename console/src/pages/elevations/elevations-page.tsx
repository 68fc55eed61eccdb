import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, rowsOf } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Elevation } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { nameOf, Person } from '../../components/person.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { clockOrDate, duration, Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { useNarrow } from '../../components/use-narrow.ts';

const STATES: Readonly<Record<Elevation['state'], readonly [Shape, string]>> = {
  pending: ['ring', 'Requested'],
  active: ['disc', 'Active'],
  expired: ['hollow', 'Ended'],
  revoked: ['bar', 'Ended early'],
  rejected: ['square', 'Rejected'],
  cancelled: ['hollow', 'Withdrawn'],
};

/** The role and its time, where they have no columns of their own. */
function words({
  role,
  expiresAt,
  state,
  durationMinutes,
}: Omit<Elevation, 'user' | 'justification'>): string {
  if (state === 'active' && expiresAt !== null) return `${role} until ${clockOrDate(expiresAt)}`;
  return state === 'pending' ? `${role} for ${duration(durationMinutes * 60_000)}` : role;
}

/** R132 to R134: who asked for a higher role, who has one, and why. */
export function ElevationsPage() {
  const me = useMe();
  const queries = useQueryClient();
  const [search, setSearch] = usePageSearch();
  const state = (search['state'] ?? 'pending') as Elevation['state'] | 'all';
  const [rejecting, setRejecting] = useState<Elevation>();
  const list = useInfiniteQuery({
    queryKey: ['elevations', state],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/elevations', {
          params: {
            query: {
              limit: 100,
              ...(state === 'all' ? {} : { state }),
              ...cursorOf(pageParam),
            },
          },
        }),
      ),
  });
  const renew = () => {
    for (const queryKey of [['elevations'], ['users']]) void queries.invalidateQueries({ queryKey });
  };
  const approve = useMutation({
    mutationFn: ({ id }: Elevation) =>
      dataOf(api.POST('/elevations/{id}/approve', { params: { path: { id } } })),
    onSuccess: ({ user, role }) => toast(`${nameOf(user)} is ${role} now.`),
    onSettled: renew,
  });
  const revoke = useMutation({
    mutationFn: ({ id }: Elevation) =>
      dataOf(api.POST('/elevations/{id}/revoke', { params: { path: { id } }, body: {} })),
    onSuccess: ({ user }) => toast(`The higher role of ${nameOf(user)} has ended.`),
    onSettled: renew,
  });
  // Where the columns of role and time have no room, they stand below the name.
  const isNarrow = useNarrow();
  const mayDecide = me.may('elevation:approve') ? undefined : NO_PERMISSION;
  const rows = rowsOf(list);
  const columns: readonly Column<Elevation>[] = [
    {
      key: 'user',
      header: 'Person',
      cell: ({ user, justification, ...elevation }) => (
        <>
          <Person name={user.name} email={isNarrow ? words(elevation) : user.email}>
            <Link
              to="/users/$userId"
              params={{ userId: user.id }}
              search={{ tab: 'access' } as never}
              style={{ color: 'inherit', paddingBlock: 3 }}
            >
              {nameOf(user)}
            </Link>
          </Person>
          {isNarrow && (
            <span className="clamp muted small" dir="auto" title={justification}>
              {justification}
            </span>
          )}
        </>
      ),
    },
    { key: 'role', header: 'Role', width: 120, from: 460, cell: ({ role }) => <RoleLabel role={role} /> },
    {
      key: 'why',
      header: 'Why',
      from: 760,
      cell: ({ justification, ticket }) => (
        <span className="clamp" title={justification}>
          <bdi>{justification}</bdi> {ticket !== null && <span className="muted">{ticket}</span>}
        </span>
      ),
    },
    {
      key: 'when',
      header: 'When',
      width: 112,
      from: 620,
      cell: ({ createdAt, expiresAt, state: now, durationMinutes }) =>
        now === 'active' ? (
          <>
            ends <Time at={expiresAt} />
          </>
        ) : now === 'pending' ? (
          `for ${duration(durationMinutes * 60_000)}`
        ) : (
          <Time at={createdAt} />
        ),
    },
    {
      key: 'state',
      header: 'State',
      width: 120,
      from: 900,
      cell: ({ state: now }) => <Status shape={STATES[now][0]}>{STATES[now][1]}</Status>,
    },
    {
      key: 'acts',
      header: <span className="visually-hidden">Actions</span>,
      width: isNarrow ? 118 : 190,
      cell: (elevation) => (
        <span
          className="row"
          style={
            isNarrow
              ? { flexDirection: 'column', alignItems: 'stretch', gap: 6 }
              : { justifyContent: 'flex-end' }
          }
        >
          {elevation.state === 'pending' && (
            <>
              <ActionButton size="xs" lockedBecause={mayDecide} onClick={() => approve.mutate(elevation)}>
                Approve
              </ActionButton>
              <ActionButton size="xs" lockedBecause={mayDecide} onClick={() => setRejecting(elevation)}>
                Reject…
              </ActionButton>
            </>
          )}
          {elevation.state === 'active' && (
            <Button size="xs" onClick={() => revoke.mutate(elevation)}>
              End now
            </Button>
          )}
        </span>
      ),
    },
  ];
  const error = list.error ?? approve.error ?? revoke.error;
  return (
    <>
      <Page
        title="Temporary roles"
        fill
        beside={
          <span className="muted small on-wide">Give one with “Elevate…” beside a person in Users.</span>
        }
        bar={
          <SegmentedControl
            aria-label="Which"
            data={[
              { value: 'pending', label: 'Requested' },
              { value: 'active', label: 'Active' },
              { value: 'all', label: 'All' },
            ]}
            value={state}
            onChange={(value) => setSearch({ state: value })}
          />
        }
      >
        {error !== null && (
          <div style={{ padding: '0 24px 12px' }}>
            <Failure error={error} />
          </div>
        )}
        <DataTable
          caption="Temporary roles"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          rowHeight={isNarrow ? 108 : 44}
          loading={list.isPending}
          onMore={moreOf(list)}
          empty={
            <Empty title={state === 'active' ? 'No one has a temporary role' : 'No requests are waiting'}>
              A higher role for a few hours, with a reason, is safer than one that stays. People ask for it in
              their account; administrators give it on a person’s page.
            </Empty>
          }
        />
      </Page>
      {rejecting !== undefined && (
        <RejectDialog elevation={rejecting} onClose={() => setRejecting(undefined)} onDone={renew} />
      )}
    </>
  );
}

function RejectDialog({
  elevation,
  onClose,
  onDone,
}: {
  readonly elevation: Elevation;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const [reason, setReason] = useState('');
  const name = nameOf(elevation.user);
  const reject = useMutation({
    mutationFn: () =>
      dataOf(
        api.POST('/elevations/{id}/reject', {
          params: { path: { id: elevation.id } },
          body: reason.trim() === '' ? {} : { reason: reason.trim() },
        }),
      ),
    onSuccess: () => {
      toast(`The request of ${name} was rejected.`);
      onDone();
      onClose();
    },
  });
  return (
    <Dialog
      title={`Reject the request of ${name}?`}
      consequence="They get an email with your reason, and can ask again."
      act="Reject the request"
      acting={reject.isPending}
      error={reject.error}
      onClose={onClose}
      onAct={() => reject.mutate()}
    >
      <Textarea
        label="Reason"
        value={reason}
        maxLength={2_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Dialog>
  );
}
