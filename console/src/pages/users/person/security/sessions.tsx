import { Button } from '@mantine/core';
import { api, dataOf } from '../../../../api/client.ts';
import type { Location } from '../../../../api/schema.d.ts';
import { Failure } from '../../../../components/failure.tsx';
import { addressInWords } from '../../../../components/location.ts';
import { nameOf } from '../../../../components/person.tsx';
import { Tag } from '../../../../components/tag.tsx';
import { Time } from '../../../../components/time.tsx';
import { toast } from '../../../../components/toast.tsx';
import { useUserChange } from '../../use-users.ts';
import styles from '../person.module.css';
import { path, Section, type SecurityProps } from './section.tsx';

const METHODS: Readonly<Record<string, string>> = {
  password: 'Password',
  saml: 'SAML',
  oidc: 'OpenID Connect',
};

/** Their open sessions. */
export function Sessions({
  user,
  sessions,
}: SecurityProps & {
  readonly sessions: readonly {
    readonly id: string;
    readonly method: string;
    readonly startedAt: string;
    readonly seenAt: string;
    readonly ip: string | null;
    readonly location: Location | null;
    readonly userAgent: string | null;
    readonly current: boolean;
  }[];
}) {
  const endAll = useUserChange(() => dataOf(api.DELETE('/users/{id}/sessions', path({ user }))));
  const end = useUserChange((sessionId: string) =>
    dataOf(api.DELETE('/users/{id}/sessions/{sessionId}', { params: { path: { id: user.id, sessionId } } })),
  );
  const error = endAll.error ?? end.error;
  return (
    <Section
      title="Sessions"
      act={
        sessions.length > 1 && (
          <Button
            size="xs"
            loading={endAll.isPending}
            onClick={() =>
              endAll.mutate(undefined, {
                onSuccess: () => toast(`${nameOf(user)} was signed out everywhere.`),
              })
            }
          >
            End all {sessions.length}
          </Button>
        )
      }
    >
      {error !== null && <Failure error={error} />}
      {sessions.length === 0 && <p className="muted">No open sessions.</p>}
      <ul className={styles.list}>
        {sessions.map((session) => (
          <li key={session.id}>
            <span className="grow">
              {METHODS[session.method] ?? session.method}{' '}
              {session.current && <Tag tone="accent">this one</Tag>}
              <br />
              <span className="muted small" title={session.userAgent ?? undefined}>
                <bdi>
                  {session.ip === null ? 'unknown address' : addressInWords(session.ip, session.location)}
                </bdi>{' '}
                · seen <Time at={session.seenAt} /> · began <Time at={session.startedAt} form="dateTime" />
              </span>
            </span>
            <Button
              size="xs"
              onClick={() => end.mutate(session.id, { onSuccess: () => toast('The session was ended.') })}
            >
              End
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
