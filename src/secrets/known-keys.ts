import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { createSecretBox, fingerprintKey, type SecretKeys } from '../platform/secret-box.ts';
import { SEALED_PLACE_NAMES, SEALED_PURPOSES } from './purposes.ts';
import { addFingerprint, listFingerprints, lockFingerprints } from './store/keys.ts';
import { listSealed } from './store/sealed-values.ts';

/**
 * Records the current key, if the keys given include all that stored secrets may be sealed with.
 * @returns false, with nothing recorded, if a key is missing
 */
export function recordKeys(db: Database, keys: SecretKeys): Promise<boolean> {
  return db.transaction('secret keys', async (tx) => {
    await lockFingerprints(tx);
    const given = [keys.current, ...keys.previous].map(fingerprintKey);
    const known = await listFingerprints(tx);
    if (known.length === 0) {
      if (!(await opensSomething(tx, keys))) return false;
      for (const fingerprint of given) await addFingerprint(tx, fingerprint);
      return true;
    }
    if (!known.every((one) => given.some((other) => other.equals(one)))) return false;
    await addFingerprint(tx, fingerprintKey(keys.current));
    return true;
  });
}

/** Whether the keys given include all that stored secrets may be sealed with; records nothing. */
export async function areKeysKnown(db: Executor, keys: SecretKeys): Promise<boolean> {
  const given = [keys.current, ...keys.previous].map(fingerprintKey);
  const known = await listFingerprints(db);
  if (known.length === 0) return opensSomething(db, keys);
  return known.every((one) => given.some((other) => other.equals(one)));
}

/** Of a database from before fingerprints: whether the keys open a secret of it, or it has none. */
async function opensSomething(db: Executor, keys: SecretKeys): Promise<boolean> {
  const seal = createSecretBox(keys);
  let found = false;
  for (const name of SEALED_PLACE_NAMES) {
    for (const { key, sealed } of await listSealed(db, name, undefined, 1)) {
      found = true;
      try {
        seal.open(sealed, SEALED_PURPOSES[name](key));
        return true;
      } catch {
        // Perhaps sealed with an earlier key; the other places decide.
      }
    }
  }
  return !found;
}
