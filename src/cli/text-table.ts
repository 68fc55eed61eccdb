/** Pads cells into aligned columns, two blanks apart. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A table of stored values: a header in capitals, control characters replaced, long cells before the last one cut. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell, column) =>
      column === row.length - 1 ? printable(cell) : cut(printable(cell), LONGEST_CELL),
    ),
  );
  return alignRows([header.map((name) => name.toUpperCase()), ...cells]).join('\n');
}

const LONGEST_CELL = 60;

/** Replaces control characters, some of which a terminal obeys. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '�');
}

/** Cuts a text to so many characters, and shows that it was cut. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

/** A time for a table: to the minute, in UTC. @param iso null is shown as "never" */
export function formatTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined
    ? 'never'
    : `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
