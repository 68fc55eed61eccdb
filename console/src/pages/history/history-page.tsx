import { SegmentedControl } from '@mantine/core';
import { IconPackageExport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Empty } from '../../components/empty.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { Counts } from './counts.tsx';
import { DayView } from './day-view.tsx';
import { Density } from './density.tsx';
import { Differences } from './differences.tsx';
import styles from './history.module.css';
import { completeSinceQuery, differenceQuery, spanOf, summaryQuery } from './history.ts';
import { MomentChip } from './moment-chip.tsx';

const BundleDialog = lazy(async () => ({ default: (await import('./bundle-dialog.tsx')).BundleDialog }));

const FORMATS = [
  ['csv', 'CSV, for spreadsheets'],
  ['ndjson', 'NDJSON, one change a line'],
] as const;
const endOf = (day: string): string =>
  new Date(Math.min(Date.parse(day) + 86_399_000, Date.now())).toISOString();

/** The organization on one day, or what differs between two moments and who caused it. */
export function HistoryPage() {
  const me = useMe();
  const [search, setSearch] = usePageSearch();
  const complete = useQuery(completeSinceQuery);
  const since = complete.data?.completeSince ?? undefined;
  const oneDay = search['mode'] === 'day';
  const span = since === undefined ? undefined : spanOf(search, since);
  const all = useQuery({
    ...summaryQuery({ from: since ?? '', to: undefined }),
    enabled: since !== undefined,
  });
  const day = search['on'] ?? undefined;
  const filters =
    span === undefined
      ? undefined
      : { ...span, userId: search['user'], kinds: search['kind']?.split(',') ?? [] };
  const exportLock = me.may('audit:export') ? undefined : NO_PERMISSION;
  return (
    <>
      <Page
        title="History"
        fill
        count={
          since !== undefined && (
            <span className="small on-wide">
              Complete since <Time at={since} form="dateTime" />
            </span>
          )
        }
        acts={
          <>
            {!oneDay && filters !== undefined && (
              <ExportMenu
                path="/history/differences/export"
                query={differenceQuery(filters)}
                formats={FORMATS}
                lockedBecause={exportLock}
              >
                <span className="on-wide">Export differences</span>
              </ExportMenu>
            )}
            <ActionButton
              lockedBecause={exportLock}
              leftSection={<IconPackageExport size={16} stroke={1.5} aria-hidden />}
              onClick={() => setSearch({ bundle: 'new' })}
            >
              <span className="on-wide">Auditor’s bundle</span>
            </ActionButton>
          </>
        }
        bar={
          <>
            <SegmentedControl
              aria-label="What to show"
              data={[
                { value: 'day', label: 'One day' },
                { value: 'difference', label: 'Difference of two dates' },
              ]}
              value={oneDay ? 'day' : 'difference'}
              onChange={(mode) => setSearch({ mode: mode === 'day' ? 'day' : undefined })}
            />
            {oneDay ? (
              <MomentChip label="On" at={day} since={since} onChange={(on) => setSearch({ on })} />
            ) : (
              span !== undefined && (
                <>
                  <MomentChip
                    label="From"
                    at={span.from}
                    since={since}
                    onChange={(from) => setSearch({ from })}
                  />
                  <span className="arrow muted">→</span>
                  <MomentChip label="To" at={span.to} since={since} onChange={(to) => setSearch({ to })} />
                </>
              )
            )}
            <span className="grow" />
            <span className="muted small">{Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
          </>
        }
      >
        {complete.error !== null && (
          <div className={styles.failure}>
            <Failure error={complete.error} retry={() => void complete.refetch()} />
          </div>
        )}
        {complete.data !== undefined && since === undefined && (
          <div className={styles.failure}>
            <Empty title="History is being completed">
              Earlier records are being read, once. Come back in a few minutes.
            </Empty>
          </div>
        )}
        {since !== undefined && span !== undefined && filters !== undefined && (
          <div className={styles.all}>
            <div className={styles.content}>
              {all.data !== undefined && (
                <Density
                  days={all.data.days}
                  since={since}
                  from={oneDay ? (day ?? new Date().toISOString()) : span.from}
                  to={oneDay ? (day ?? new Date().toISOString()) : (span.to ?? new Date().toISOString())}
                  onPick={(picked) =>
                    oneDay
                      ? setSearch({ on: endOf(picked) })
                      : setSearch(
                          Date.parse(picked) < Date.parse(span.from)
                            ? {
                                from: new Date(Math.max(Date.parse(picked), Date.parse(since))).toISOString(),
                              }
                            : { to: endOf(picked) },
                        )
                  }
                />
              )}
              {!oneDay && <Counts span={span} />}
            </div>
            {oneDay ? <DayView on={day} /> : <Differences filters={filters} />}
          </div>
        )}
      </Page>
      <Suspense fallback={null}>
        {search['bundle'] !== undefined && span !== undefined && (
          <BundleDialog
            bundle={search['bundle']}
            span={span}
            since={since ?? span.from}
            onBundle={(bundle) => setSearch({ bundle })}
            onClose={() => setSearch({ bundle: undefined })}
          />
        )}
      </Suspense>
    </>
  );
}
