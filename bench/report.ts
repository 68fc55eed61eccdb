import type { Score } from './rounds.ts';
import type { Sync } from './sync.ts';

/** One line of the result: an operation at so many requests at once. */
export interface Cell {
  readonly operation: string;
  readonly atOnce: number;
  readonly server: Score;
  readonly bare: Score;
  readonly spread: number;
  /** In the order of the table's columns. */
  readonly peers: readonly PeerRate[];
  /** Whether it writes. */
  readonly writes: boolean;
  /** Milliseconds that an answer took: the median, and what one in a hundred exceeded. */
  readonly latency: { readonly server: Latency; readonly bare: Latency };
}

/** What a peer did. */
export interface PeerRate {
  readonly name: string;
  readonly hasDatabase: boolean;
  /** Requests a second; undefined if it does not do what it is asked, or broke. */
  readonly rate: number | undefined;
}

export interface Latency {
  readonly median: number;
  readonly p99: number;
}

export interface Check {
  readonly claim: string;
  readonly measured: string;
  readonly holds: boolean;
}

/** A table that reads well as it is and as Markdown. */
export function cellTable(title: string, cells: readonly Cell[]): string {
  const peers = cells[0]?.peers ?? [];
  const heads = [
    'operation',
    'at once',
    'Rollcall /s',
    'bare /s',
    'ratio',
    '±',
    'Rollcall CPU µs',
    'bare CPU µs',
    'ratio',
    ...peers.map(({ name }) => `${name} /s`),
  ];
  const rows = cells.map((cell) => [
    cell.operation,
    String(cell.atOnce),
    rate(cell.server.rate),
    rate(cell.bare.rate),
    ratioOf(cell).toFixed(2),
    `${Math.round(cell.spread * 100)} %`,
    whole(cell.server.cpu),
    whole(cell.bare.cpu),
    cpuRatioOf(cell)?.toFixed(1) ?? '–',
    ...cell.peers.map((peer) => (peer.rate === undefined ? '–' : rate(peer.rate))),
  ]);
  const isMissing = cells.some((cell) => cell.peers.some((peer) => peer.rate === undefined));
  const note = isMissing ? '\nA peer without a figure answers that wrongly or not at all.\n' : '';
  return `\n### ${title}\n\n${table(heads, rows)}\n${note}`;
}

/** Milliseconds of a mixed load. */
export function latencyTable(title: string, cells: readonly Cell[]): string {
  const heads = ['', 'at once', 'Rollcall median ms', 'p99 ms', 'bare median ms', 'p99 ms'];
  const rows = cells.map(({ operation, atOnce, latency: { server, bare } }) => [
    operation,
    String(atOnce),
    ...[server.median, server.p99, bare.median, bare.p99].map((ms) => ms.toFixed(1)),
  ]);
  return `\n### ${title}\n\n${table(heads, rows)}\n`;
}

export function syncTable(syncs: readonly Sync[]): string {
  const heads = [
    'as',
    'users',
    'groups',
    'memberships',
    'requests',
    'seconds',
    'requests /s',
    'CPU s',
    'peak MiB',
  ];
  const rows = syncs.map(({ as, users, groups, memberships, requests, seconds, cpu, peakMemory }) => [
    as,
    ...[users, groups, memberships, requests].map(whole),
    seconds.toFixed(1),
    rate(requests / seconds),
    cpu === undefined ? '–' : (cpu / 1_000_000).toFixed(1),
    whole(peakMemory),
  ]);
  return `\n### The first synchronization of a directory\n\n${table(heads, rows)}\n`;
}

export function checkTable(checks: readonly Check[]): string {
  const rows = checks.map(({ claim, measured, holds }) => [
    claim,
    measured,
    holds ? 'holds' : 'DOES NOT HOLD',
  ]);
  return `\n### What was to be reached\n\n${table(['claim', 'measured', ''], rows)}\n`;
}

export function ratioOf({ server, bare }: Cell): number {
  return server.rate / bare.rate;
}

export function cpuRatioOf({ server, bare }: Cell): number | undefined {
  return server.cpu === undefined || bare.cpu === undefined ? undefined : server.cpu / bare.cpu;
}

function rate(perSecond: number): string {
  if (perSecond < 10) return perSecond.toFixed(1);
  return Math.round(perSecond).toLocaleString('en');
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : Math.round(value).toLocaleString('en');
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
