import { stringify } from 'csv-stringify/sync';
import { guardCell } from './csv-cell.ts';

/** Writes batches as text, one after the other: as much is in memory as one batch has. */

/** CSV with a header, whose cells no spreadsheet runs. */
export async function* writeCsv<Item>(
  batches: AsyncIterable<readonly Item[]>,
  header: readonly string[],
  toCells: (item: Item) => readonly (string | number | null | undefined)[],
): AsyncIterable<string> {
  yield stringify([header], { bom: true });
  for await (const items of batches) {
    yield stringify(items.map((item) => toCells(item).map((cell) => guardCell(String(cell ?? '')))));
  }
}

/** NDJSON: one value a line. */
export async function* writeNdjson<Item>(
  batches: AsyncIterable<readonly Item[]>,
  toValue: (item: Item) => unknown,
): AsyncIterable<string> {
  for await (const items of batches) yield items.map((item) => `${JSON.stringify(toValue(item))}\n`).join('');
}
