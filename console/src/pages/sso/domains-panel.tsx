import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { SsoConnection } from '../../api/schema.d.ts';
import { CopyValues } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './sso.module.css';
import { path, useSsoChange } from './use-sso.ts';

type Domain = SsoConnection['domains'][number];
const kept = (domains: readonly Domain[]) => domains.map(({ domain, enforced }) => ({ domain, enforced }));

/** The domains whose users sign in through a connection: added, proved by a TXT record, enforced. */
export function DomainsPanel({ connection }: { readonly connection: SsoConnection }) {
  const [typed, setTyped] = useState('');
  const [removed, setRemoved] = useState<Domain>();
  const [enforces, setEnforces] = useState<Domain>();
  const { domains } = connection;
  const put = useSsoChange((wanted: readonly { domain: string; enforced: boolean }[]) =>
    dataOf(
      api.PUT('/sso/connections/{id}/domains', { ...path(connection.id), body: { domains: [...wanted] } }),
    ),
  );
  const add = (event: FormEvent) => {
    event.preventDefault();
    put.mutate([...kept(domains), { domain: typed.trim(), enforced: false }], {
      onSuccess: () => setTyped(''),
    });
  };
  return (
    <div className="stack" style={{ gap: 16 }}>
      <p className="muted">
        People with an address of a verified domain are sent to this provider from the sign-in page, and
        accounts may be matched by address. A domain belongs to one connection.
      </p>
      <form className="row" style={{ alignItems: 'start' }} onSubmit={add}>
        <TextInput
          className="grow"
          aria-label="Domain"
          placeholder="halden.example"
          value={typed}
          maxLength={1_000}
          error={
            put.error instanceof ApiError ? (put.error.errors[0]?.message ?? put.error.message) : undefined
          }
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" loading={put.isPending} disabled={typed.trim() === ''}>
          Add the domain
        </Button>
      </form>
      {domains.map((domain) => (
        <DomainRow
          key={domain.domain}
          connection={connection}
          domain={domain}
          onRemove={() => setRemoved(domain)}
          onEnforce={() => setEnforces(domain)}
        />
      ))}
      {removed !== undefined && (
        <Dialog
          title={`Remove ${removed.domain}?`}
          consequence="Its people are no longer sent to this provider by their address, and another connection can use the domain. People who are already linked can still sign in."
          act="Remove the domain"
          danger
          acting={put.isPending}
          error={put.error}
          onClose={() => setRemoved(undefined)}
          onAct={() =>
            put.mutate(kept(domains.filter(({ domain }) => domain !== removed.domain)), {
              onSuccess: () => {
                toast(`${removed.domain} was removed.`);
                setRemoved(undefined);
              },
            })
          }
        />
      )}
      {enforces !== undefined && (
        <Dialog
          title={
            enforces.enforced
              ? `Let people of ${enforces.domain} use passwords again?`
              : `Enforce single sign-on for ${enforces.domain}?`
          }
          consequence={
            enforces.enforced
              ? 'They can sign in with a password, if they have one.'
              : 'Their passwords stop working, and sessions that began with one end now. Owners keep theirs: give them a second factor.'
          }
          act={enforces.enforced ? 'Allow passwords' : 'Enforce single sign-on'}
          danger={!enforces.enforced}
          acting={put.isPending}
          error={put.error}
          onClose={() => setEnforces(undefined)}
          onAct={() =>
            put.mutate(
              kept(domains).map((each) =>
                each.domain === enforces.domain ? { ...each, enforced: !each.enforced } : each,
              ),
              {
                onSuccess: () => {
                  toast(
                    enforces.enforced
                      ? `Passwords work for ${enforces.domain} again.`
                      : `Single sign-on is enforced for ${enforces.domain}.`,
                  );
                  setEnforces(undefined);
                },
              },
            )
          }
        />
      )}
    </div>
  );
}

function DomainRow({
  connection,
  domain: { domain, enforced, verifiedAt, checkedAt, missingSince, record },
  onRemove,
  onEnforce,
}: {
  readonly connection: SsoConnection;
  readonly domain: Domain;
  readonly onRemove: () => void;
  readonly onEnforce: () => void;
}) {
  const verify = useSsoChange(() =>
    dataOf(
      api.POST('/sso/connections/{id}/domains/{domain}/verify', {
        params: { path: { id: connection.id, domain } },
      }),
    ),
  );
  return (
    <section className={styles.domain} aria-label={domain}>
      <div className="row wrap">
        <b className="grow">{domain}</b>
        {missingSince !== null ? (
          <Status shape="diamond">Record is gone</Status>
        ) : verifiedAt !== null ? (
          <Status shape="disc">Verified</Status>
        ) : (
          <Status shape="ring">Not verified</Status>
        )}
        <Button size="xs" data-danger="outline" aria-label={`Remove ${domain}…`} onClick={onRemove}>
          Remove…
        </Button>
      </div>
      {(verifiedAt === null || missingSince !== null) && (
        <>
          <p className="muted">
            {missingSince !== null ? (
              <>
                The TXT record has been missing since <Time at={missingSince} form="dateTime" />. Create it
                again: the domain stays yours until you remove it.
              </>
            ) : (
              'Create this TXT record where the DNS of the domain is kept, then verify.'
            )}
          </p>
          <CopyValues
            label={`DNS record of ${domain}`}
            values={[
              { label: `${record.type} record, name`, value: record.name },
              { label: 'Value', value: record.value },
            ]}
          />
          {verify.error !== null && <Failure error={verify.error} />}
          <div className="row">
            <Button
              variant="filled"
              loading={verify.isPending}
              onClick={() => verify.mutate(undefined, { onSuccess: () => toast(`${domain} was verified.`) })}
            >
              Verify {domain}
            </Button>
            {checkedAt !== null && (
              <span className="muted small">
                last looked up <Time at={checkedAt} />
              </span>
            )}
          </div>
        </>
      )}
      {verifiedAt !== null && (
        <Checkbox
          label="People of this domain sign in through the provider only"
          checked={enforced}
          onChange={onEnforce}
        />
      )}
    </section>
  );
}
