import { Checkbox, UnstyledButton } from '@mantine/core';
import { useElementSize, useMediaQuery, useMergedRef } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useKeys } from '../app/keys.ts';
import styles from './data-table.module.css';
import type { Selection } from './use-selection.ts';

export interface Column<Row> {
  readonly key: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** In pixels; without one it takes what is left. A wide table gives every column more. */
  readonly width?: number;
  /** The width on a phone. */
  readonly narrow?: number;
  /** What the list is sorted by, as the API calls it. */
  readonly sort?: string;
  /** The column is left away where the table is narrower than this, in pixels. */
  readonly from?: number;
  /** The column stands only where the table is narrower than this: the other half of one with `from`. */
  readonly until?: number;
  readonly align?: 'end';
}

export interface DataTableProps<Row> {
  /** What the table holds, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly rowHeight?: number;
  /** The height on a phone, where a cell has more lines. */
  readonly narrowRowHeight?: number;
  readonly loading?: boolean;
  /** Shown in the place of rows when there are none. */
  readonly empty?: ReactNode;
  /** As in the address: `name`, `-name`. */
  readonly sort?: string | undefined;
  readonly onSort?: (sort: string) => void;
  readonly selection?: Selection<Row>;
  /** How a row is called where it is selected. */
  readonly rowName?: (row: Row) => string;
  /** The row whose details are open beside the list. */
  readonly openKey?: string | undefined;
  readonly onOpen?: (row: Row) => void;
  /** Which keys open the next and the previous row: J and K, or J, Shift J and the arrows where K is an act. */
  readonly moveBy?: 'letters' | 'j-and-arrows';
  /** Loads the next page; undefined at the end of the list. */
  readonly onMore?: (() => void) | undefined;
}

const BARS = 12;
/** What a finger needs of a row with its buttons. */
const TOUCH_HEIGHT = 52;
/** A table narrower than this is that of a phone, in pixels. */
const PHONE = 520;
/** From this width on columns grow with the table, up to so many times their width; those of acts and figures do not. */
const WIDE = 1_300;
const MOST_GROWTH = 1.8;
const FIXED = 80;

function widthOf({ width, narrow = width }: { width?: number; narrow?: number }, room: number) {
  if (room > 0 && room < PHONE) return narrow;
  if (width === undefined || width <= FIXED || room <= WIDE) return width;
  return Math.round(width * Math.min(room / WIDE, MOST_GROWTH));
}

/** A list as a real table: only the rows in sight are in the page, however long the list is. */
export function DataTable<Row>({
  caption,
  columns: allColumns,
  rows,
  rowKey,
  rowHeight: height = 40,
  narrowRowHeight = height,
  loading = false,
  empty,
  sort,
  onSort,
  selection,
  rowName,
  openKey,
  onOpen,
  moveBy = 'letters',
  onMore,
}: DataTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: measured, width: room } = useElementSize();
  const frame = useMergedRef(scroller, measured);
  const isTouched = useMediaQuery('(pointer: coarse)', false, { getInitialValueInEffect: false });
  const wantedHeight = room > 0 && room < PHONE ? narrowRowHeight : height;
  const rowHeight = isTouched ? Math.max(wantedHeight, TOUCH_HEIGHT) : wantedHeight;
  const columns = allColumns.filter(({ from = 0, until }) =>
    room === 0 ? until === undefined : room >= from && (until === undefined || room < until),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured again when their height changes
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onMore?.();
  }, [last, rows.length, onMore]);

  const at = openKey === undefined ? -1 : rows.findIndex((row) => rowKey(row) === openKey);
  const move = (by: 1 | -1) => {
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next === undefined || onOpen === undefined) return;
    onOpen(next);
    virtual.scrollToIndex(rows.indexOf(next));
  };
  useKeys({
    ...(onOpen === undefined
      ? {}
      : moveBy === 'letters'
        ? { j: () => move(1), k: () => move(-1) }
        : {
            j: (event: KeyboardEvent) => move(event.shiftKey ? -1 : 1),
            ArrowDown: () => move(1),
            ArrowUp: () => move(-1),
          }),
    ...(selection === undefined || at < 0
      ? {}
      : { x: (event: KeyboardEvent) => selection.toggle(rows[at] as Row, event.shiftKey) }),
  });

  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = columns.length + (selection === undefined ? 0 : 1);
  return (
    <div className={styles.scroller} ref={frame}>
      <table
        className={styles.table}
        aria-busy={loading}
        aria-rowcount={onMore === undefined ? rows.length + 1 : -1}
      >
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {selection !== undefined && (
              <th className={styles.check}>
                <Checkbox
                  aria-label="Select all rows that are loaded"
                  checked={selection.count > 0 && selection.count >= rows.length}
                  indeterminate={selection.count > 0 && selection.count < rows.length}
                  onChange={(event) =>
                    event.currentTarget.checked ? selection.addAll(rows) : selection.clear()
                  }
                />
              </th>
            )}
            {columns.map((column) => (
              <Header
                key={column.key}
                column={column}
                width={widthOf(column, room)}
                sort={sort}
                onSort={onSort}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
            <tr aria-hidden="true">
              <td colSpan={width} style={{ height: before, padding: 0, border: 0 }} />
            </tr>
          )}
          {items.map(({ index }) => {
            const row = rows[index] as Row;
            const key = rowKey(row);
            const selected = selection?.has(key) ?? false;
            return (
              // The row is a larger target for what its first link does; the link serves keyboards.
              <tr
                key={key}
                aria-rowindex={index + 2}
                data-selected={selected || undefined}
                data-open={key === openKey || undefined}
                className={onOpen === undefined ? undefined : styles.clickable}
                style={{ height: rowHeight }}
                onClick={(event) => {
                  if ((event.target as HTMLElement).closest('a, button, input, label') !== null) return;
                  onOpen?.(row);
                }}
              >
                {selection !== undefined && (
                  <td className={styles.check}>
                    <Checkbox
                      aria-label={`Select ${rowName?.(row) ?? key}`}
                      checked={selected}
                      onChange={(event) => selection.toggle(row, (event.nativeEvent as MouseEvent).shiftKey)}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.key} data-align={column.align}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && (
            // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
            <tr aria-hidden="true">
              <td colSpan={width} style={{ height: after, padding: 0, border: 0 }} />
            </tr>
          )}
          {loading &&
            rows.length === 0 &&
            Array.from({ length: BARS }, (_, bar) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: bars have no other name
              // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
              <tr key={bar} aria-hidden="true" style={{ height: rowHeight }}>
                <td colSpan={width}>
                  <span className={styles.bar} />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {!loading && rows.length === 0 && <div className={styles.empty}>{empty}</div>}
    </div>
  );
}

function Header<Row>({
  column,
  width,
  sort,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly width: number | undefined;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
}) {
  const ascending = sort === column.sort;
  const descending = column.sort !== undefined && sort === `-${column.sort}`;
  const style = width === undefined ? undefined : { width };
  if (column.sort === undefined || onSort === undefined) {
    return (
      <th scope="col" style={style} data-align={column.align}>
        {column.header}
      </th>
    );
  }
  const by = column.sort;
  return (
    <th
      scope="col"
      style={style}
      data-align={column.align}
      aria-sort={ascending ? 'ascending' : descending ? 'descending' : 'none'}
    >
      <UnstyledButton
        className={styles.sort}
        data-sorted={ascending || descending || undefined}
        onClick={() => onSort(ascending ? `-${by}` : by)}
      >
        {column.header}
        {ascending && <IconArrowUp size={14} stroke={1.5} aria-hidden />}
        {descending && <IconArrowDown size={14} stroke={1.5} aria-hidden />}
      </UnstyledButton>
    </th>
  );
}
