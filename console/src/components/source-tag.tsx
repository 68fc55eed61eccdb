import {
  IconAt,
  IconFileImport,
  IconLogin2,
  IconMail,
  IconPlugConnected,
  IconUser,
} from '@tabler/icons-react';
import type { User } from '../api/schema.d.ts';
import styles from './marks.module.css';

const SOURCES = {
  scim: ['SCIM', IconPlugConnected],
  sso: ['SSO', IconLogin2],
  import: ['CSV', IconFileImport],
  invitation: ['Invited', IconMail],
  admin: ['Manual', IconUser],
  manual: ['Manual', IconUser],
  bootstrap: ['First start', IconUser],
  pattern: ['Address', IconAt],
} as const;

/** Where a user, a group or a membership comes from, and through which connection. */
export function SourceTag({
  source,
  connection,
}: {
  readonly source: User['source'] | 'manual' | 'pattern';
  readonly connection?: string | undefined;
}) {
  const [label, Icon] = SOURCES[source];
  return (
    <span className={styles.source}>
      <Icon size={13} stroke={1.5} aria-hidden />
      <span className={styles.sourceName} title={connection}>
        {connection === undefined ? label : `${label} · ${connection}`}
      </span>
    </span>
  );
}
