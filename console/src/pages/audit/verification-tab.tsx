import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { AuditSeal, AuditVerification } from '../../api/schema.d.ts';
import { CopyButton } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Figures } from '../../components/figures.tsx';
import { Note } from '../../components/note.tsx';
import { Time } from '../../components/time.tsx';
import styles from './audit.module.css';

const PROBLEMS: Readonly<Record<NonNullable<AuditVerification['firstBad']>['problem'], string>> = {
  changed: 'An event was changed after it was sealed.',
  missing: 'A sealed event is missing.',
  added: 'An event was added among sealed ones.',
  seal_changed: 'The seal itself was changed.',
  seal_missing: 'A seal is missing.',
};
const count = (number: number): string => number.toLocaleString('en-GB');

/** Verifies the whole chain, part by part, as the API answers it. */
async function verifyAll(onPart: (seals: number) => void): Promise<AuditVerification> {
  let total = { seals: 0, events: 0, dropped: 0 };
  let from = 1;
  for (;;) {
    const part = await dataOf(api.GET('/audit/verify', { params: { query: { from } } }));
    total = {
      seals: total.seals + part.seals,
      events: total.events + part.events,
      dropped: total.dropped + part.dropped,
    };
    onPart(total.seals);
    if (!part.ok || part.next === null) return { ...part, ...total };
    from = part.next;
  }
}

/** That nothing of the audit trail was changed: verified now, or against a seal that was kept elsewhere. */
export function VerificationTab() {
  const [checked, setChecked] = useState(0);
  const verify = useMutation({ mutationFn: () => verifyAll(setChecked) });
  const seals = useQuery({
    queryKey: ['audit', 'seals'],
    queryFn: () => dataOf(api.GET('/audit/seals', { params: { query: { limit: 50 } } })),
  });
  const columns: readonly Column<AuditSeal>[] = [
    { key: 'n', header: 'Seal', width: 90, narrow: 70, cell: ({ n }) => n },
    {
      key: 'at',
      header: 'Sealed',
      width: 170,
      cell: ({ sealedAt }) => <Time at={sealedAt} form="dateTime" />,
    },
    { key: 'events', header: 'Events', width: 90, align: 'end', cell: ({ events }) => count(events) },
    {
      key: 'digest',
      header: 'Digest',
      from: 560,
      cell: ({ digest, n }) => (
        <span className="row">
          <code className="ellipsis">{digest}</code>
          <CopyButton value={digest} what={`digest of seal ${n}`} />
        </span>
      ),
    },
  ];
  return (
    <div className={styles.scroll}>
      <div className={styles.narrow}>
        <section className="stack">
          <h2>Is the audit trail unchanged?</h2>
          <p className="muted">
            Events are sealed in a chain of digests soon after they happen. Verifying reads every event again:
            one that was changed, removed or added does not match its seal.
          </p>
          <div className="row">
            <Button variant="filled" loading={verify.isPending} onClick={() => verify.mutate()}>
              Verify all seals
            </Button>
            {verify.isPending && (
              <span className="muted" role="status">
                {count(checked)} seals verified
              </span>
            )}
          </div>
          {verify.error !== null && <Failure error={verify.error} />}
          {verify.data !== undefined && <Result result={verify.data} />}
        </section>
        <KeptSeal />
        <section>
          <h2>Newest seals</h2>
          {seals.error !== null && <Failure error={seals.error} />}
        </section>
      </div>
      <div className={styles.seals}>
        <DataTable
          caption="Newest seals"
          columns={columns}
          rows={seals.data?.data ?? []}
          rowKey={({ n }) => String(n)}
          rowHeight={36}
          loading={seals.isPending}
          empty={
            <Empty title="No seal yet">The first one is made as soon as there are events to seal.</Empty>
          }
        />
      </div>
    </div>
  );
}

function Result({ result }: { readonly result: AuditVerification }) {
  return (
    <>
      {result.firstBad === null ? (
        <Note tone="success" role="status">
          Every sealed event is unchanged.
        </Note>
      ) : (
        <Note tone="danger" role="alert">
          <b>{PROBLEMS[result.firstBad.problem]}</b> Seal {result.firstBad.seal} does not match
          {result.firstBad.event === null ? '.' : ` the event ${result.firstBad.event}.`} Keep the database as
          it is, and compare it with a backup from before.
        </Note>
      )}
      <Figures
        label="What was verified"
        facts={[
          { label: 'seals', value: count(result.seals) },
          { label: 'events', value: count(result.events) },
          { label: 'past their retention', value: count(result.dropped) },
          { label: 'newest seal', value: result.last === null ? 'None' : count(result.last.n) },
        ]}
      />
    </>
  );
}

/** Compares a seal that was kept outside the database, where no change of the database reaches it. */
function KeptSeal() {
  const [digest, setDigest] = useState('');
  const check = useMutation({
    mutationFn: () => dataOf(api.GET('/audit/verify', { params: { query: { seal: digest.trim() } } })),
  });
  const seal = check.data?.seal ?? null;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        check.mutate();
      }}
    >
      <h2>Compare with a seal that you kept</h2>
      <div className="row wrap" style={{ alignItems: 'end' }}>
        <TextInput
          className="grow"
          style={{ flexBasis: 220 }}
          label="Digest"
          description="From the daily email to the seal recipients, or from your own records."
          value={digest}
          onChange={(event) => setDigest(event.currentTarget.value)}
        />
        <Button type="submit" loading={check.isPending} disabled={digest.trim() === ''}>
          Compare
        </Button>
      </div>
      {check.error !== null && <Failure error={check.error} />}
      {seal !== null && (
        <Note tone={seal.found ? 'success' : 'danger'} role="status">
          {seal.sentence}
        </Note>
      )}
    </form>
  );
}
