import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../../api/lists.ts';
import type { ScimConnection, ScimToken } from '../../../api/schema.d.ts';
import { Card } from '../../../components/card.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Failure } from '../../../components/failure.tsx';
import { nameOf } from '../../../components/person.tsx';
import { SmallTable } from '../../../components/small-table.tsx';
import { Status } from '../../../components/status.tsx';
import { Time } from '../../../components/time.tsx';
import styles from '../provisioning.module.css';
import { endsSoon } from '../use-provisioning.ts';
import { IssueToken, RevokeToken, RotateToken } from './token-dialogs.tsx';

type Act = { readonly act: 'issue' } | { readonly act: 'rotate' | 'revoke'; readonly token: ScimToken };

/** The tokens of a connection: those that work, and those that did. */
export function TokensTab({ connection }: { readonly connection: ScimConnection }) {
  const [act, setAct] = useState<Act>();
  const list = useInfiniteQuery({
    queryKey: ['provisioning', 'connections', connection.id, 'tokens'],
    ...byCursor,
    queryFn: async ({ pageParam }) => {
      const query = cursorOf(pageParam);
      const path = { id: connection.id };
      return dataOf(api.GET('/scim/connections/{id}/tokens', { params: { path, query } }));
    },
  });
  const tokens = rowsOf(list) as ScimToken[];
  const close = () => setAct(undefined);
  return (
    <div className={styles.padded}>
      <Card
        title="Tokens"
        beside="Only a digest of each is kept."
        flush
        acts={
          <Button
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => setAct({ act: 'issue' })}
          >
            Issue a token
          </Button>
        }
      >
        {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && tokens.length === 0 && (
          <div style={{ paddingInline: 14 }}>
            <Empty title="No token yet">The identity provider identifies itself with a token.</Empty>
          </div>
        )}
        {tokens.length > 0 && (
          <SmallTable
            caption={`Tokens of ${connection.name}`}
            headers={['Token', 'State', 'Last used', 'Ends', 'Issued', '']}
            inCard
          >
            {tokens.map((token) => (
              <Row key={token.id} token={token} onAct={setAct} />
            ))}
          </SmallTable>
        )}
        {list.hasNextPage && (
          <div style={{ padding: 14 }}>
            <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show older tokens
            </Button>
          </div>
        )}
      </Card>
      {act?.act === 'issue' && <IssueToken connection={connection} onClose={close} />}
      {act?.act === 'rotate' && <RotateToken connection={connection} token={act.token} onClose={close} />}
      {act?.act === 'revoke' && <RevokeToken connection={connection} token={act.token} onClose={close} />}
    </div>
  );
}

function Row({ token, onAct }: { readonly token: ScimToken; readonly onAct: (act: Act) => void }) {
  const isOver = token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now();
  const works = token.revokedAt === null && !isOver;
  const name = token.last4 ?? '????';
  return (
    <tr>
      <td>
        <code>…{name}</code>
      </td>
      <td>
        {works ? (
          <Status shape="disc">Active</Status>
        ) : (
          <Status shape="bar">{token.revokedAt === null ? 'Ended' : 'Revoked'}</Status>
        )}
      </td>
      <td>
        <Time at={token.lastUsedAt} />
      </td>
      <td className={works && token.expiresAt !== null && endsSoon(token.expiresAt) ? 'warning' : ''}>
        {token.revokedAt !== null ? <Time at={token.revokedAt} /> : <Time at={token.expiresAt} />}
      </td>
      <td>
        <Time at={token.createdAt} form="date" />{' '}
        <span className="muted">
          by <bdi>{token.issuedBy.type === 'system' ? 'the command line' : nameOf(token.issuedBy)}</bdi>
        </span>
      </td>
      <td>
        {works && (
          <div className="row" style={{ justifyContent: 'end' }}>
            <Button size="xs" aria-label={`Rotate ${name}…`} onClick={() => onAct({ act: 'rotate', token })}>
              Rotate…
            </Button>
            <Button
              size="xs"
              data-danger="outline"
              aria-label={`Revoke ${name}…`}
              onClick={() => onAct({ act: 'revoke', token })}
            >
              Revoke…
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}
