import { Select } from '@mantine/core';
import { IconCheck, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { PermissionKey } from '../../../api/me.ts';
import type { UserDetail } from '../../../api/schema.d.ts';
import { Card } from '../../../components/card.tsx';
import { Failure } from '../../../components/failure.tsx';
import { inLocalTime } from '../../../components/time.tsx';
import { usePermissionList, usePermissionMeanings } from '../acts/use-meanings.ts';
import { UserPicker } from '../user-picker.tsx';

const MARKS = { allows: IconCheck, denies: IconX, note: IconInfoCircle };

/** Asks the API why, and shows its answer. */
export function WhyCard({ user }: { readonly user: UserDetail }) {
  const meaning = usePermissionMeanings();
  const [permission, setPermission] = useState<PermissionKey>('roles:assign');
  const [target, setTarget] = useState<string>();
  const { data: all } = usePermissionList();
  const aboutUsers = all?.permissions.find(({ key }) => key === permission)?.about.includes('user') ?? false;
  const { data, error } = useQuery({
    queryKey: ['users', user.id, 'why', permission, aboutUsers ? target : undefined],
    queryFn: () =>
      dataOf(
        api.POST('/authz/explain', {
          body: {
            userId: user.id,
            permission,
            ...(aboutUsers && target !== undefined ? { resource: { type: 'user', id: target } } : {}),
          },
        }),
      ),
  });
  const decisive = data?.reasons.find(({ effect }) => effect === (data.allowed ? 'allows' : 'denies'));
  return (
    <Card title="Why can’t they…?" acts={<kbd>W</kbd>}>
      <Select
        label="May they"
        searchable
        data={(all?.permissions ?? []).map(({ key }) => ({ value: key, label: meaning(key) }))}
        value={permission}
        allowDeselect={false}
        onChange={(value) => setPermission(value as PermissionKey)}
      />
      {aboutUsers && <UserPicker label="About" value={target} onChange={setTarget} />}
      {error !== null && <Failure error={error} />}
      {data !== undefined && (
        <div className="stack" role="status" style={{ gap: 8 }}>
          <p>
            <b className={data.allowed ? 'success' : 'danger'}>{data.allowed ? 'Yes.' : 'No.'}</b>{' '}
            {inLocalTime(decisive?.text ?? '')}
          </p>
          <ul className="stack" style={{ gap: 6 }}>
            {data.reasons
              .filter((reason) => reason !== decisive)
              .map(({ effect, text }) => {
                const Icon = MARKS[effect];
                const color = { allows: 'var(--success)', denies: 'var(--danger)', note: 'var(--muted)' }[
                  effect
                ];
                return (
                  <li key={text} className="row small" style={{ alignItems: 'flex-start' }}>
                    <Icon size={16} stroke={1.5} aria-hidden style={{ flex: 'none', color }} />
                    <span>{inLocalTime(text)}</span>
                  </li>
                );
              })}
          </ul>
        </div>
      )}
    </Card>
  );
}
