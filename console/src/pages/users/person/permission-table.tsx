import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Permissions } from '../../../api/schema.d.ts';
import { Tag } from '../../../components/tag.tsx';
import { clockTime } from '../../../components/time.tsx';
import { capitalized } from '../../../components/words.ts';
import { usePermissionList } from '../acts/use-meanings.ts';
import styles from './person.module.css';

type Source = Permissions['sources'][number];

const SCOPES: Readonly<Record<string, string>> = {
  all: 'Organization',
  group: 'Groups they manage',
  member: 'Groups they are in',
  own: 'What they own',
  self: 'Themselves',
  none: 'Not allowed',
};

type PermissionList = NonNullable<ReturnType<typeof usePermissionList>['data']>['permissions'];

/** Where a right comes from: the lasting source before a temporary one, of those that reach as far. */
function sourceOf(
  permissions: Permissions,
  scopes: PermissionList[number]['scopes'] | undefined,
  scope: string,
): Source | 'owner' | undefined {
  const reaching = permissions.sources.filter(({ role }) => scopes?.[role] === scope);
  return (
    reaching.find(({ kind }) => kind !== 'elevation') ??
    (permissions.owner && scopes?.owner === scope ? 'owner' : reaching[0])
  );
}

function SourceCell({ source }: { readonly source: Source | 'owner' | undefined }) {
  if (source === undefined) return null;
  if (source === 'owner') return <>owner of the organization</>;
  if (source.kind === 'direct') return <>{source.role}, direct role</>;
  if (source.kind === 'group') {
    return (
      <>
        {source.role}, from <bdi>{source.name}</bdi>
      </>
    );
  }
  return (
    <span className="row">
      <Tag tone="warning">until {clockTime(source.expiresAt ?? '')}</Tag> {source.role}, elevation
    </span>
  );
}

/** Each right of a person: how far it reaches, and where it comes from. */
export function PermissionTable({ permissions }: { readonly permissions: Permissions }) {
  const [shown, setShown] = useState('all');
  const { data: all } = usePermissionList();
  const scopes = new Map(permissions.permissions.map(({ key, scope }) => [key, scope]));
  const rows = (all?.permissions ?? []).map(({ key, meaning, scopes: reaches }) => {
    const scope = scopes.get(key) ?? 'none';
    return {
      key,
      meaning,
      scope,
      source: scope === 'none' ? undefined : sourceOf(permissions, reaches, scope),
    };
  });
  const has = rows.filter(({ scope }) => scope !== 'none');
  const elevated = has.filter(({ source }) => typeof source === 'object' && source.kind === 'elevation');
  const listed = { all: rows, has, elevated }[shown] ?? rows;
  return (
    <section>
      <div className="row wrap" style={{ marginBottom: 6 }}>
        <h2>Permissions</h2>
        <span className="muted figures">
          {has.length} of {all?.permissions.length ?? '…'}
        </span>
        <span className="grow" />
        <SegmentedControl
          aria-label="Which permissions"
          data={[
            { value: 'all', label: 'All' },
            { value: 'has', label: 'Only what they may' },
            ...(elevated.length > 0 ? [{ value: 'elevated', label: 'Only by elevation' }] : []),
          ]}
          value={shown}
          onChange={setShown}
        />
      </div>
      <table className={`stacks ${styles.table}`}>
        <caption className="visually-hidden">Permissions</caption>
        <thead>
          <tr>
            <th scope="col">Permission</th>
            <th scope="col" className={styles.key}>
              Key
            </th>
            <th scope="col" className={styles.reach}>
              Reaches
            </th>
            <th scope="col" className={styles.source}>
              Source
            </th>
          </tr>
        </thead>
        <tbody>
          {listed.map(({ key, meaning, scope, source }) => (
            <tr key={key} className={scope === 'none' ? 'muted' : undefined}>
              <td title={meaning}>{capitalized(meaning)}</td>
              <td className={styles.key}>
                <code>{key}</code>
              </td>
              <td>{SCOPES[scope]}</td>
              <td className={`${styles.from} muted`}>
                <SourceCell source={source} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
