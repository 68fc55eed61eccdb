/** One line of the result: an operation at so many requests at once. */
export interface Cell {
  readonly operation: string;
  readonly atOnce: number;
  readonly server: number;
  readonly floor: number;
  readonly spread: number;
  readonly peer: number | undefined;
}

export interface Check {
  readonly claim: string;
  readonly measured: string;
  readonly holds: boolean;
}

/** A table that reads well as it is and as Markdown. */
export function cellTable(title: string, cells: readonly Cell[], peer: string | undefined): string {
  const heads = [
    'operation',
    'at once',
    'Rollcall /s',
    'floor /s',
    'ratio',
    '±',
    ...(peer ? [`${peer} /s`] : []),
  ];
  const rows = cells.map((cell) => [
    cell.operation,
    String(cell.atOnce),
    rate(cell.server),
    rate(cell.floor),
    ratioOf(cell).toFixed(2),
    `${Math.round(cell.spread * 100)} %`,
    ...(peer ? [cell.peer === undefined ? '–' : rate(cell.peer)] : []),
  ]);
  return `\n${title}\n\n${table(heads, rows)}\n`;
}

export function checkTable(checks: readonly Check[]): string {
  const rows = checks.map(({ claim, measured, holds }) => [
    claim,
    measured,
    holds ? 'holds' : 'DOES NOT HOLD',
  ]);
  return `\nChecks\n\n${table(['claim', 'measured', ''], rows)}\n`;
}

export function ratioOf({ server, floor }: Cell): number {
  return server / floor;
}

function rate(perSecond: number): string {
  if (perSecond < 10) return perSecond.toFixed(1);
  return Math.round(perSecond).toLocaleString('en');
}

/** The first column to the left, numbers to the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}
