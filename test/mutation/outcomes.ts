import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Break } from './break.ts';

/** What came of a break: `noticed` if a test failed, `survived` if none did. */
export type Outcome = {
  readonly result: 'noticed' | 'survived' | 'not applied' | 'unproven';
  /** The test that noticed it, or why that is unknown. */
  readonly detail: string;
  readonly seconds: number;
};

/** Outcomes that hold as long as the break, its source file and its tests stay the same. */
export interface OutcomeStore {
  find(key: string): Outcome | undefined;
  record(key: string, outcome: Outcome): Promise<void>;
}

/** Opens the outcomes of earlier runs. */
export async function openOutcomes(folder: string, fresh: boolean): Promise<OutcomeStore> {
  const path = join(folder, 'outcomes.json');
  const text = fresh ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  const known = new Map(
    Object.entries(text === undefined ? {} : (JSON.parse(text) as Record<string, Outcome>)),
  );
  return {
    find: (key) => known.get(key),
    record: async (key, outcome) => {
      known.set(key, outcome);
      await writeFile(`${path}.new`, JSON.stringify(Object.fromEntries(known), null, 1));
      await rename(`${path}.new`, path);
    },
  };
}

/** The key of a break's outcome. */
export async function keyOfBreak(root: string, change: Break): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(change));
  for (const file of [change.file, ...change.tests]) hash.update(await readFile(join(root, file)));
  return hash.digest('hex');
}

/** The key of the result of a test file on the unbroken sources. */
export async function keyOfTests(root: string, file: string, sources: string): Promise<string> {
  const text = await readFile(join(root, file));
  return createHash('sha256').update(`${sources}\0${file}\0`).update(text).digest('hex');
}
