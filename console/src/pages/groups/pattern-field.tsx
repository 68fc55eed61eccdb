import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { Group, GroupPreview } from '../../api/schema.d.ts';
import { nameOf } from '../../components/person.tsx';
import type { RoleName } from '../../components/role.tsx';
import { counted } from '../../components/words.ts';

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The role that the group carries, or is to carry. */
  readonly role: RoleName | null;
  /** Undefined for a group that is not there yet. */
  readonly group?: Group;
  /** What the server said when it was saved. */
  readonly error?: string | undefined;
  /** Why it cannot be changed. */
  readonly lockedBecause?: string | undefined;
}

const PAUSE_MS = 300;

/** Whom a group adds by their address, with who that would be: counted by a dry run while it is written. */
export function PatternField({ value, onChange, role, group, error, lockedBecause }: Props) {
  const [pattern] = useDebouncedValue(value.trim(), PAUSE_MS);
  const before = group?.autoAssignPattern ?? '';
  // What is still being written is not asked about.
  const asked = pattern !== before && lockedBecause === undefined && !/^[^@]+@?$/.test(pattern);
  const preview = useQuery({
    queryKey: [
      'groups',
      group?.id ?? 'new',
      'pattern',
      pattern,
      group?.version,
      group === undefined ? role : null,
    ],
    enabled: asked && (pattern !== '' || group !== undefined),
    retry: false,
    queryFn: () => {
      const autoAssignPattern = pattern === '' ? null : pattern;
      return dataOf(
        group === undefined
          ? api.POST('/groups/dry-run', { body: { role, autoAssignPattern } })
          : api.POST('/groups/{id}/dry-run', {
              params: { path: { id: group.id } },
              body: { autoAssignPattern },
            }),
      );
    },
  });
  const current = asked && pattern === value.trim();
  const refused = current && preview.error instanceof ApiError ? preview.error : undefined;
  return (
    <div>
      <TextInput
        label="Add people by address"
        description={
          lockedBecause ??
          'Everyone whose sign-in address matches is a member, also those who come later. * stands for any characters.'
        }
        placeholder="*@eng.acme.example"
        autoComplete="off"
        spellCheck={false}
        maxLength={254}
        value={value}
        disabled={lockedBecause !== undefined}
        error={error ?? refused?.about('autoAssignPattern') ?? refused?.message}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p className="muted small" role="status" style={{ marginTop: 6, minHeight: '1.5em' }}>
        {current && refused === undefined && preview.data !== undefined && <Moving preview={preview.data} />}
      </p>
    </div>
  );
}

const NAMED = 3;

/** Who would come and who would go, in words. */
function Moving({ preview: { joining, leaving, roles } }: { readonly preview: GroupPreview }) {
  const parts = [
    ...(leaving.users > 0 ? [phrase(leaving, 'would leave')] : []),
    ...(roles.gained > 0 ? [`${roles.gained.toLocaleString('en-GB')} would have more rights`] : []),
    ...(roles.lost > 0 ? [`${roles.lost.toLocaleString('en-GB')} would have fewer rights`] : []),
  ];
  return `${[phrase(joining, 'would join'), ...parts].join('; ')}.`;
}

function phrase({ users, usersAreExact, people }: GroupPreview['joining'], verb: string): string {
  if (users === 0) return `No one ${verb}`;
  const shown = people.slice(0, NAMED).map(nameOf);
  const others = users > shown.length ? ' and others' : '';
  const names = shown.length === 0 ? '' : ` (${shown.join(', ')}${others})`;
  return `${usersAreExact ? '' : 'More than '}${counted(users, 'person', 'people')} ${verb}${names}`;
}
