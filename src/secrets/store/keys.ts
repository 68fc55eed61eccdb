import type { Executor, Statement } from '../../platform/db/statement.ts';

const lock: Statement = {
  name: 'secret-keys-lock',
  text: 'lock table secret_keys in share row exclusive mode',
};

/** Serializes processes that start concurrently, until the transaction ends. */
export async function lockFingerprints(tx: Executor): Promise<void> {
  await tx.query(lock, []);
}

const list: Statement = {
  name: 'secret-keys',
  text: 'select fingerprint from secret_keys order by first_used_at',
};

/** The fingerprints of the keys that stored secrets may be sealed with, oldest first. */
export async function listFingerprints(tx: Executor): Promise<readonly Buffer[]> {
  return (await tx.query<{ fingerprint: Buffer }>(list, [])).map(({ fingerprint }) => fingerprint);
}

const add: Statement = {
  name: 'secret-key-add',
  text: 'insert into secret_keys (fingerprint, first_used_at) values ($1, now()) on conflict do nothing',
};

/** From now on stored secrets may be sealed with this key. */
export async function addFingerprint(tx: Executor, fingerprint: Buffer): Promise<void> {
  await tx.query(add, [fingerprint]);
}

const keepOnly: Statement = {
  name: 'secret-keys-keep-only',
  text: 'delete from secret_keys where fingerprint <> $1',
};

/** From now on no stored secret is sealed with another key than this one. */
export async function keepOnlyFingerprint(tx: Executor, fingerprint: Buffer): Promise<void> {
  await tx.query(keepOnly, [fingerprint]);
}
