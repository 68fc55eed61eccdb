import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { isShownInstead } from '../../api/query-client.ts';
import { useChange } from '../../api/use-change.ts';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { ROLES, type RoleName } from '../../components/role.tsx';
import { toast } from '../../components/toast.tsx';
import { GroupPicker } from '../users/group-picker.tsx';
import styles from './settings.module.css';

interface JobFunction {
  readonly id?: string;
  readonly name: string;
  readonly role: RoleName;
  readonly groups: readonly string[];
}

/** What a person gets with a job function: a role and groups. */
export function JobFunctionsTab() {
  const { data, error } = useQuery({
    queryKey: ['job-functions'],
    queryFn: () => dataOf(api.GET('/job-functions')),
  });
  const [draft, setDraft] = useState<readonly JobFunction[]>();
  const save = useChange(
    (functions: readonly JobFunction[]) =>
      dataOf(
        api.PUT('/job-functions', {
          body: functions.map(({ groups, name, ...rest }) => ({
            ...rest,
            name: name.trim(),
            groups: [...groups],
          })),
        }),
      ),
    [['job-functions']],
  );
  if (isShownInstead(error, data)) return <Failure error={error} />;
  if (data === undefined) return null;
  const present: readonly JobFunction[] = data.data.map(({ id, name, role, groups }) => ({
    id,
    name,
    role,
    groups: groups.map((group) => group.id),
  }));
  const rows = draft ?? present;
  const refusal = save.error instanceof ApiError ? save.error : undefined;
  const change = (at: number, changed: Partial<JobFunction>) =>
    setDraft(rows.map((row, place) => (place === at ? { ...row, ...changed } : row)));
  const add = (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />}
      onClick={() => setDraft([...rows, { name: '', role: 'readonly', groups: [] }])}
    >
      Add a job function
    </Button>
  );
  return (
    <div className="stack" style={{ maxWidth: 940, paddingTop: 20 }}>
      <p className="muted">
        A user who is invited with a job function gets its role and its groups, unless the invitation says
        otherwise.
      </p>
      {save.error !== null && !refusal?.errors.length && <Failure error={save.error} />}
      {rows.length === 0 && (
        <Empty title="No job function yet" act={add}>
          A job function sets which role and groups come with a kind of work, such as “Support agent”.
        </Empty>
      )}
      <div>
        {rows.map((row, at) => (
          <div key={row.id ?? `new ${at}`} className={styles.function}>
            <TextInput
              label="Name"
              value={row.name}
              maxLength={200}
              error={refusal?.about(`${at}.name`)}
              onChange={(event) => change(at, { name: event.currentTarget.value })}
            />
            <Select
              label="Role"
              data={[...ROLES]}
              value={row.role}
              allowDeselect={false}
              error={refusal?.about(`${at}.role`)}
              onChange={(role) => change(at, { role: role as RoleName })}
            />
            <GroupPicker
              label="Groups"
              changes
              value={row.groups}
              error={refusal?.about(`${at}.groups`)}
              onChange={(groups) => change(at, { groups })}
            />
            <ActionIcon
              className={styles.remove ?? ''}
              aria-label={`Remove ${row.name || 'the new job function'}`}
              onClick={() => setDraft(rows.filter((_, place) => place !== at))}
            >
              <IconX size={16} stroke={1.5} />
            </ActionIcon>
          </div>
        ))}
      </div>
      <div className="row wrap">
        {rows.length > 0 && add}
        {draft !== undefined && (
          <>
            <Button
              variant="filled"
              loading={save.isPending}
              onClick={() =>
                save.mutate(draft, {
                  onSuccess: () => {
                    setDraft(undefined);
                    toast('The job functions were saved.');
                  },
                })
              }
            >
              Save the job functions
            </Button>
            <Button
              onClick={() => {
                setDraft(undefined);
                save.reset();
              }}
            >
              Discard the changes
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
