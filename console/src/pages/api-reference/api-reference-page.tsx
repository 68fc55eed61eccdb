import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { SearchField } from '../../components/search-field.tsx';
import styles from './api-reference.module.css';
import { type Description, descriptionQuery, type Operation } from './description.ts';
import { OperationView } from './operation-view.tsx';

/** Every route of the REST API: what it takes, what it answers, what it needs. */
export function ApiReferencePage() {
  const [search, setSearch] = usePageSearch();
  const field = useRef<HTMLInputElement>(null);
  const { data, error, refetch } = useQuery(descriptionQuery);
  useKeys({ '/': () => field.current?.focus() });
  const q = search['q']?.toLowerCase();
  const shown =
    data?.operations.filter(
      ({ path, summary, method, tag }) =>
        q === undefined || `${method} ${path} ${summary} ${tag}`.toLowerCase().includes(q),
    ) ?? [];
  const open = data?.operations.find(({ operationId }) => operationId === search['op']);
  return (
    <Page
      title="API reference"
      fill
      count={data === undefined ? undefined : `${data.operations.length} routes`}
      acts={
        <>
          <Anchor href="/api/v1/docs" target="_blank" rel="noopener" size="sm" className="to-hit">
            Try it in Swagger UI
          </Anchor>
          <Anchor href="/api/v1/openapi.json" download="rollcall.openapi.json" size="sm" className="to-hit">
            openapi.json
          </Anchor>
        </>
      }
      bar={
        <SearchField
          field={field}
          label="Search the routes"
          placeholder="Path or words"
          width={280}
          text={search['q']}
          onChange={(text) => setSearch({ q: text })}
        />
      }
    >
      {error !== null && (
        <div className={styles.failure}>
          <Failure error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && (
        <div className={styles.columns} data-open={open !== undefined}>
          <nav className={styles.list} aria-label="Routes">
            {shown.length === 0 && (
              <Empty title="Nothing matches">No route matches this path or these words.</Empty>
            )}
            {data.tags.map((tag) => (
              <Routes
                key={tag}
                tag={tag}
                routes={shown.filter((operation) => operation.tag === tag)}
                open={open}
              />
            ))}
          </nav>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
          <section className={styles.detail} aria-label="Route" tabIndex={0}>
            {open === undefined ? (
              <Start description={data} />
            ) : (
              <OperationView operation={open} description={data} />
            )}
          </section>
        </div>
      )}
    </Page>
  );
}

function Routes({
  tag,
  routes,
  open,
}: {
  readonly tag: string;
  readonly routes: readonly Operation[];
  readonly open: Operation | undefined;
}) {
  if (routes.length === 0) return null;
  return (
    <section>
      <h2 className={styles.tag}>{tag}</h2>
      <ul>
        {routes.map((operation) => (
          <li key={operation.operationId}>
            <Link
              to="."
              search={((now: Record<string, string>) => ({ ...now, op: operation.operationId })) as never}
              className={styles.route ?? ''}
              aria-current={operation === open ? 'true' : undefined}
              title={`${operation.method} ${operation.path}`}
            >
              <span className={styles.method} data-method={operation.method}>
                {operation.method}
              </span>
              <span className="ellipsis">{operation.summary}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Start({ description }: { readonly description: Description }) {
  return (
    <div className="stack" style={{ maxWidth: '68ch' }}>
      <h2>How to use the API</h2>
      <p>
        Everything that this console does uses these {description.operations.length} routes below{' '}
        <code>{window.location.origin}/api/v1</code>. Choose one in the list.
      </p>
      <dl className="facts">
        <dt>Who</dt>
        <dd>
          Send an <Link to={'/api-keys' as never}>API key</Link> as <code>Authorization: Bearer …</code>. A
          program that belongs to no one uses a <Link to={'/service-accounts' as never}>service account</Link>
          .
        </dd>
        <dt>Errors</dt>
        <dd>
          <code>application/problem+json</code> with a <code>code</code> for programs, a sentence in{' '}
          <code>detail</code>, and what is wrong with which field in <code>errors</code>.
        </dd>
        <dt>Pages</dt>
        <dd>
          Lists return <code>nextCursor</code>: send it as <code>cursor</code> until it is null.
        </dd>
        <dt>Twice</dt>
        <dd>
          A POST with an <code>Idempotency-Key</code> is carried out once, however often it is sent within a
          day.
        </dd>
        <dt>Changes</dt>
        <dd>
          Send the <code>ETag</code> that you have seen as <code>If-Match</code>: what changed since then is
          not overwritten.
        </dd>
        <dt>SCIM</dt>
        <dd>
          Identity providers use <code>{window.location.origin}/scim/v2</code>, with a token of their own: see{' '}
          <Link to={'/provisioning' as never}>Provisioning</Link>.
        </dd>
      </dl>
    </div>
  );
}
