import type { Database } from '../platform/db/database.ts';
import { createSecretBox, fingerprintKey, type SecretKeys } from '../platform/secret-box.ts';
import { SEALED_PLACE_NAMES, SEALED_PURPOSES } from './purposes.ts';
import { addFingerprint, keepOnlyFingerprint } from './store/keys.ts';
import {
  countSealed,
  listSealed,
  replaceSealed,
  SEALED_PLACES,
  type SealedPlaceName,
  type SealedText,
} from './store/sealed-values.ts';

/** What became of the sealed texts of one place. */
export interface RotatedPlace {
  /** `table.column` */
  readonly place: string;
  /** Sealed anew with the current key. */
  readonly resealed: number;
  /** Sealed with the current key before. */
  readonly current: number;
  /** No key given opens them. */
  readonly unreadable: number;
}

export interface RotationOptions {
  /** Whether what no key opens is given up: the keys that it was sealed with are taken for lost. */
  readonly giveUpUnreadable: boolean;
  /** Called after each batch. @param done from 0 to 1 */
  readonly onProgress?: (done: number) => void;
}

const BATCH = 500;

/**
 * Seals every stored secret with the current key, in batches. It may be stopped at any time; run again, it passes over
 * what is done. Once no secret needs another key, only the current key is on record.
 * @returns what became of them, a place each
 */
export async function rotateSecrets(
  db: Database,
  keys: SecretKeys,
  { giveUpUnreadable, onProgress = () => {} }: RotationOptions,
): Promise<readonly RotatedPlace[]> {
  // A server that is started from now on must have the key.
  await addFingerprint(db, fingerprintKey(keys.current));
  const totals = await Promise.all(SEALED_PLACE_NAMES.map((name) => countSealed(db, name)));
  const total = totals.reduce((sum, count) => sum + count, 0);
  let done = 0;
  const onBatch = (size: number) => {
    done += size;
    onProgress(total === 0 ? 1 : Math.min(1, done / total));
  };
  const places: RotatedPlace[] = [];
  for (const name of SEALED_PLACE_NAMES) places.push(await rotatePlace(db, keys, name, onBatch));
  if (giveUpUnreadable || places.every(({ unreadable }) => unreadable === 0)) {
    await keepOnlyFingerprint(db, fingerprintKey(keys.current));
  }
  return places;
}

async function rotatePlace(
  db: Database,
  keys: SecretKeys,
  name: SealedPlaceName,
  onBatch: (size: number) => void,
): Promise<RotatedPlace> {
  const seal = createSecretBox(keys);
  const counts = { resealed: 0, current: 0, unreadable: 0 };
  let after: readonly string[] | undefined;
  for (;;) {
    const texts = await listSealed(db, name, after, BATCH);
    const fresh: (SealedText & { readonly fresh: string })[] = [];
    for (const text of texts) {
      const purpose = SEALED_PURPOSES[name](text.key);
      const opened = openOrNothing(() => seal.open(text.sealed, purpose));
      if (opened === undefined) counts.unreadable += 1;
      else if (seal.isCurrent(text.sealed)) counts.current += 1;
      else fresh.push({ ...text, fresh: seal.seal(opened, purpose) });
    }
    // One that was changed meanwhile was sealed by a server, which has the current key.
    if (fresh.length > 0) counts.resealed += await replaceSealed(db, name, fresh);
    onBatch(texts.length);
    if (texts.length < BATCH) break;
    after = texts.at(-1)?.key;
  }
  const { table, column } = SEALED_PLACES[name];
  return { place: `${table}.${column}`, ...counts };
}

function openOrNothing(open: () => string): string | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
