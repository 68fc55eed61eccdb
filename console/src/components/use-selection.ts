import { useCallback, useMemo, useRef, useState } from 'react';

/** Which rows of a list are selected. */
export interface Selection<Row> {
  readonly rows: ReadonlyMap<string, Row>;
  readonly count: number;
  readonly has: (key: string) => boolean;
  /** With `range`, everything from the row that was toggled last. */
  readonly toggle: (row: Row, range?: boolean) => void;
  readonly addAll: (rows: readonly Row[]) => void;
  readonly clear: () => void;
}

export function useSelection<Row>(all: readonly Row[], keyOf: (row: Row) => string): Selection<Row> {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map());
  const lastKey = useRef<string>(undefined);
  const toggle = useCallback(
    (row: Row, range = false) => {
      const key = keyOf(row);
      const from = all.findIndex((other) => keyOf(other) === lastKey.current);
      const to = all.findIndex((other) => keyOf(other) === key);
      lastKey.current = key;
      setRows((before) => {
        const after = new Map(before);
        if (range && from >= 0 && to >= 0) {
          for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1))
            after.set(keyOf(other), other);
        } else if (!after.delete(key)) {
          after.set(key, row);
        }
        return after;
      });
    },
    [all, keyOf],
  );
  const addAll = useCallback(
    (some: readonly Row[]) =>
      setRows((before) => new Map([...before, ...some.map((row) => [keyOf(row), row] as const)])),
    [keyOf],
  );
  const clear = useCallback(() => setRows(new Map()), []);
  return useMemo(
    () => ({ rows, count: rows.size, has: (key) => rows.has(key), toggle, addAll, clear }),
    [rows, toggle, addAll, clear],
  );
}
