import { expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { writeZip } from './zip.ts';

async function zipOf(rows: number, most?: number): Promise<Uint8Array> {
  const part = {
    name: 'numbers',
    rows: (async function* () {
      for (let row = 0; row < rows; row += 1) yield { row };
    })(),
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeZip([part], new Date(), () => [], most)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('a zip beyond what its format holds fails, instead of being wrong', async () => {
  expect(Object.keys(unzipSync(await zipOf(1_000)))).toEqual(['numbers.ndjson']);
  await expect(zipOf(10_000, 50_000)).rejects.toThrow('at most 4 GB');
});
