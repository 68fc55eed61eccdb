import { Button } from '@mantine/core';
import { IconArrowsMaximize } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Failure } from '../../components/failure.tsx';
import { RoleLabel, TIERS } from '../../components/role.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { Time } from '../../components/time.tsx';
import { PeopleList } from './people-list.tsx';
import { groupQuery, memberCount, membersQuery } from './use-groups.ts';

const SHOWN = 12;

/** What a group is and who is in it, beside the list. */
export function GroupPanel({
  groupId,
  ...panel
}: {
  readonly groupId: string;
  readonly position: string | undefined;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onClose: () => void;
}) {
  const { data: group, error, refetch } = useQuery(groupQuery(groupId));
  const members = useInfiniteQuery(membersQuery(groupId, {}, SHOWN));
  const shown = members.data?.pages[0]?.data ?? [];
  return (
    <SidePanel
      {...panel}
      label={group?.name ?? 'Group'}
      open={
        <Button
          component={Link}
          to="/groups/$groupId"
          params={{ groupId } as never}
          variant="subtle"
          leftSection={<IconArrowsMaximize size={14} stroke={1.5} aria-hidden />}
        >
          Open <kbd>↵</kbd>
        </Button>
      }
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {group !== undefined && (
        <div className="stack" style={{ gap: 18 }}>
          <div>
            <h2 dir="auto">{group.name}</h2>
            {group.description !== null && (
              <p className="muted" dir="auto">
                {group.description}
              </p>
            )}
          </div>
          <dl className="facts">
            <dt>Carries</dt>
            <dd>
              {group.role === null ? (
                <span className="muted">No role</span>
              ) : (
                <span className="row">
                  <RoleLabel role={group.role} /> <span className="muted">{TIERS[group.role]}</span>
                </span>
              )}
            </dd>
            <dt>Members</dt>
            <dd>
              {memberCount(group)}
              {group.suspendedMemberCount > 0 && (
                <span className="muted">, {group.suspendedMemberCount} suspended</span>
              )}
            </dd>
            <dt>Source</dt>
            <dd>
              <SourceTag source={group.source} connection={group.externalIds[0]?.connectionName} />
            </dd>
            {group.autoAssignPattern !== null && (
              <>
                <dt>Adds</dt>
                <dd>Everyone with {group.autoAssignPattern}</dd>
              </>
            )}
            <dt>Changed</dt>
            <dd>
              <Time at={group.updatedAt} />
            </dd>
          </dl>
          {shown.length > 0 && (
            <section>
              <h3 style={{ marginBottom: 6 }}>Members</h3>
              <PeopleList members={shown} showsManagers />
              {members.hasNextPage && (
                <p className="muted small">The first {SHOWN}. Open the group for all.</p>
              )}
            </section>
          )}
        </div>
      )}
    </SidePanel>
  );
}
