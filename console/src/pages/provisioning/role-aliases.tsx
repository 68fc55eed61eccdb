import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconArrowRight, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { ScimConnection } from '../../api/schema.d.ts';
import { Failure } from '../../components/failure.tsx';
import { ROLES, RoleLabel, type RoleName } from '../../components/role.tsx';
import { useSettings } from './use-settings.ts';

/** What the directory calls roles, beside their own names. */
export function RoleAliases({ connection }: { readonly connection: ScimConnection }) {
  const { change, save } = useSettings(connection);
  const [name, setName] = useState('');
  const [role, setRole] = useState<RoleName>('readonly');
  const aliases = connection.roleAliases as Readonly<Record<string, RoleName>>;
  const put = (roleAliases: Readonly<Record<string, RoleName>>, said: string, onDone?: () => void) =>
    save({ roleAliases }, { roleAliases: aliases }, said, onDone);
  const add = (event: FormEvent) => {
    event.preventDefault();
    put({ ...aliases, [name.trim()]: role }, `“${name.trim()}” means ${role} now.`, () => setName(''));
  };
  return (
    <section className="stack" style={{ gap: 8 }} aria-label="Role names of the directory">
      <h3>Role names of the directory</h3>
      {change.error !== null && <Failure error={change.error} />}
      {Object.entries(aliases).map(([alias, means]) => (
        <div key={alias} className="row">
          <code>
            <bdi>{alias}</bdi>
          </code>
          <IconArrowRight className="arrow" size={14} stroke={1.5} aria-label="means" />
          <RoleLabel role={means} />
          <span className="grow" />
          <ActionIcon
            size={24}
            aria-label={`Remove ${alias}`}
            onClick={() => {
              const { [alias]: _, ...rest } = aliases;
              put(rest, `“${alias}” no longer means a role.`);
            }}
          >
            <IconX size={14} stroke={1.5} />
          </ActionIcon>
        </div>
      ))}
      <form className="row wrap" style={{ alignItems: 'end' }} onSubmit={add}>
        <TextInput
          w={130}
          label="In the directory"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          w={116}
          label="Here"
          data={[...ROLES]}
          value={role}
          allowDeselect={false}
          onChange={(value) => setRole((value ?? 'readonly') as RoleName)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          Add
        </Button>
      </form>
    </section>
  );
}
