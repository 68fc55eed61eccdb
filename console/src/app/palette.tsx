import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, dataOf } from '../api/client.ts';
import { useMe } from '../api/me.ts';
import type { Group, User } from '../api/schema.d.ts';
import { Avatar, nameOf } from '../components/person.tsx';
import { PLACES } from './navigation.ts';
import styles from './palette.module.css';

const [store, spotlight] = createSpotlight();

/** Finds people, groups, pages and acts. It is open while it is there. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  useEffect(() => {
    spotlight.open();
    return spotlight.close;
  }, []);
  const me = useMe();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const others = me.mayForOthers('users:read');
  const people = useQuery({
    queryKey: ['users', 'palette', asked],
    enabled: others && asked.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async () =>
      (await dataOf(api.GET('/users', { params: { query: { q: asked, limit: 6 } } }))).data as User[],
  });
  const groups = useQuery({
    queryKey: ['groups', 'palette', asked],
    enabled: others && asked.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async () =>
      (await dataOf(api.GET('/groups', { params: { query: { q: asked, limit: 4 } } }))).data as Group[],
  });

  const open =
    (to: string, search = {}) =>
    () => {
      onClose();
      void navigate({ to, search } as never);
    };
  const places: SpotlightActionData[] = PLACES.filter((place) => place.shownTo(me)).map((place) => ({
    id: place.to,
    label: place.label,
    description: 'Page',
    leftSection: <place.icon size={16} stroke={1.5} />,
    onClick: open(place.to),
  }));
  const acts: SpotlightActionData[] = [
    ...(me.mayForOthers('users:manage')
      ? [
          {
            id: 'invite',
            label: 'Invite user',
            description: 'Act',
            onClick: open('/users', { invite: 'open' }),
          },
        ]
      : []),
    ...(me.may('imports:run')
      ? [
          {
            id: 'import',
            label: 'Import people from a file',
            description: 'Act',
            onClick: open('/users/import'),
          },
        ]
      : []),
  ];
  const matching = (actions: readonly SpotlightActionData[]) =>
    actions.filter(({ label }) => label?.toLowerCase().includes(text.trim().toLowerCase()));
  const found =
    asked.length === 0
      ? []
      : [
          ...(people.data ?? []).map(
            (user): SpotlightActionData => ({
              id: user.id,
              label: nameOf(user),
              description: user.name === null ? 'Person' : `Person · ${user.email}`,
              leftSection: <Avatar name={nameOf(user)} size="small" />,
              onClick: open(`/users/${user.id}`),
            }),
          ),
          ...(groups.data ?? []).map(
            (group): SpotlightActionData => ({
              id: group.id,
              label: group.name,
              description: 'Group',
              onClick: open(`/groups/${group.id}`),
            }),
          ),
        ];
  const shown = [...found, ...matching(acts), ...matching(places)].slice(0, 14);
  return (
    <Spotlight.Root
      store={store}
      onSpotlightClose={onClose}
      query={text}
      onQueryChange={setText}
      shortcut={null}
      maxHeight={480}
      scrollable
      size={560}
      overlayProps={{ className: styles.scrim ?? '', blur: 0 }}
    >
      <Spotlight.Search
        placeholder="Search people, groups and pages"
        aria-label="Search people, groups and pages"
        leftSection={<IconSearch size={16} stroke={1.5} />}
      />
      <Spotlight.ActionsList className={styles.list ?? ''}>
        {shown.map(({ id, label, description, leftSection, onClick }) => (
          <Spotlight.Action
            key={id}
            className={styles.action ?? ''}
            {...(onClick === undefined ? {} : { onClick })}
          >
            <span className={styles.icon}>{leftSection}</span>
            <span dir="auto" className="ellipsis">
              {label}
            </span>
            <span className="muted small ellipsis">{description}</span>
          </Spotlight.Action>
        ))}
        {shown.length === 0 && (
          <Spotlight.Empty>{people.isFetching ? 'Searching…' : `Nothing matches “${text}”.`}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
