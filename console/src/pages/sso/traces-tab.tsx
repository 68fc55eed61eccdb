import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../api/lists.ts';
import type { SsoConnection, SsoTrace } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Code } from '../../components/code.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { nameOf } from '../../components/person.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import styles from './sso.module.css';

const OUTCOMES: Readonly<Record<SsoTrace['outcome'], readonly [Shape, string]>> = {
  signed_in: ['disc', 'Signed in'],
  tested: ['disc', 'Test passed'],
  proved: ['disc', 'Proved again'],
  refused: ['square', 'Refused'],
};
const PURPOSES: Readonly<Record<SsoTrace['purpose'], string>> = {
  sign_in: 'Sign-in',
  test: 'Test',
  step_up: 'Step-up',
};
const REFRESH_MS = 5_000;

/** What came of sign-ins: of those that were refused, how far they came, what happened, and what to do. */
export function TracesTab({ connection }: { readonly connection: SsoConnection }) {
  const [search, setSearch] = usePageSearch();
  const outcome = search['outcome'] === 'all' ? undefined : ('refused' as const);
  const list = useInfiniteQuery({
    queryKey: ['sso', 'connections', connection.id, 'traces', outcome ?? 'all'],
    ...byCursor,
    queryFn: async ({ pageParam }) => {
      const query = {
        limit: 50,
        ...(outcome === undefined ? {} : { outcome }),
        ...cursorOf(pageParam),
      };
      const page = await dataOf(
        api.GET('/sso/connections/{id}/traces', { params: { path: { id: connection.id }, query } }),
      );
      return page as { data: SsoTrace[]; nextCursor: string | null };
    },
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= 1 ? REFRESH_MS : false),
  });
  const traces = rowsOf(list);
  const openId = search['open'];
  return (
    <div className={styles.padded}>
      <div className="stack" style={{ gap: 14 }}>
        <div className="row wrap">
          <SegmentedControl
            aria-label="Which sign-ins"
            data={[
              { value: 'refused', label: 'Refused' },
              { value: 'all', label: 'All' },
            ]}
            value={outcome ?? 'all'}
            onChange={(value) => setSearch({ outcome: value === 'all' ? 'all' : undefined, open: undefined })}
          />
          <span className="muted small">The last 500; personal values are masked.</span>
        </div>
        {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && traces.length === 0 && (
          <Empty title={outcome === undefined ? 'No sign-in yet' : 'No sign-in was refused'}>
            For each failed sign-in, this page shows how far it came, which value was wrong, and what to do.
          </Empty>
        )}
        {traces.length > 0 && (
          <ul className={styles.traces}>
            {traces.map((trace) => (
              <Trace
                key={trace.id}
                trace={trace}
                isOpen={trace.id === openId}
                onToggle={() => setSearch({ open: trace.id === openId ? undefined : trace.id })}
              />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <div>
            <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show earlier sign-ins
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Trace({
  trace,
  isOpen,
  onToggle,
}: {
  readonly trace: SsoTrace;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  const [shape, words] = OUTCOMES[trace.outcome];
  return (
    <li data-open={isOpen || undefined}>
      <button type="button" className={styles.traceHead} aria-expanded={isOpen} onClick={onToggle}>
        <span className={styles.traceOutcome}>
          <Status shape={shape}>{words}</Status>
        </span>
        <span className="grow">
          <span>
            {trace.happened ?? (trace.user === null ? PURPOSES[trace.purpose] : nameOf(trace.user))}
          </span>
          {trace.detail !== null && <span className="muted"> {trace.detail}</span>}
        </span>
        <span className="muted">
          <Time at={trace.at} />
        </span>
      </button>
      {isOpen && <TraceDetails trace={trace} />}
    </li>
  );
}

/** The stages of a sign-in, in their order. */
const STAGES = ['message', 'decryption', 'signature', 'conditions', 'request', 'attributes', 'account'];

const WORDS: Readonly<Record<string, string>> = {
  message: 'Message is readable',
  decryption: 'Decryption',
  signature: 'Signature',
  conditions: 'Time, audience, issuer',
  request: 'Answers our request',
  attributes: 'Attributes',
  account: 'Account here',
};

export function TraceDetails({ trace }: { readonly trace: SsoTrace }) {
  const { wouldBe: _, ...sent } = trace.seen;
  const reached = trace.stage === null ? STAGES.length : STAGES.indexOf(trace.stage);
  return (
    <div className={styles.traceBody}>
      {trace.remedy !== null && (
        <div>
          <h3>What to do</h3>
          <p>{trace.remedy}</p>
        </div>
      )}
      <div>
        <h3>How far it came</h3>
        <ol className={styles.stages}>
          {STAGES.map((stage, at) => (
            <li key={stage} className={at > reached ? 'muted' : ''}>
              <Status shape={at < reached ? 'disc' : at === reached ? 'square' : 'hollow'}>
                {WORDS[stage] ?? stage}
              </Status>
            </li>
          ))}
        </ol>
      </div>
      <dl className="facts">
        <dt>Purpose</dt>
        <dd>{PURPOSES[trace.purpose]}</dd>
        <dt>When</dt>
        <dd>
          <Time at={trace.at} form="dateTime" />
        </dd>
        {trace.user !== null && (
          <>
            <dt>User</dt>
            <dd>
              <Link to="/users/$userId" params={{ userId: trace.user.id }}>
                <bdi>{nameOf(trace.user)}</bdi>
              </Link>
            </dd>
          </>
        )}
        {trace.reason !== null && (
          <>
            <dt>Reason</dt>
            <dd>
              <code>{trace.reason}</code>
            </dd>
          </>
        )}
      </dl>
      <div className="stack" style={{ gap: 6 }}>
        <h3>What the provider sent, personal values masked</h3>
        <Code
          label="What the provider sent"
          text={JSON.stringify(sent, undefined, 2)}
          isGuilty={(line) =>
            trace.detail !== null && quoted(trace.detail).some((each) => line.includes(each))
          }
        />
      </div>
    </div>
  );
}

/** What a sentence names: the claim or the value that was at fault. */
const quoted = (sentence: string): readonly string[] =>
  [...sentence.matchAll(/[“"]([^“”"]{2,})[”"]/g)].map(([, value]) => value as string);
