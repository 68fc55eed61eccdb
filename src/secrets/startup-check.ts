import { ConfigError } from '../config/config-error.ts';
import type { Database } from '../platform/db/database.ts';
import type { SecretKeys } from '../platform/secret-box.ts';
import { recordKeys } from './known-keys.ts';

/** What an operator reads whose key is not the one of the database. */
export const UNKNOWN_KEY_MESSAGE =
  'SECRET_KEY is not the key that the secrets in this database are encrypted with. Set the key that the server had ' +
  'before; to replace it by a new one, add the old one as SECRET_KEY_PREVIOUS (docs/production.md, "Rotating the ' +
  'key"). If the old key is lost, run: rollcall secrets rotate --lost-key.';

/**
 * Makes sure that the keys are those that stored secrets are encrypted with, and records the current one.
 * @throws ConfigError when a key is missing
 */
export async function requireKnownKeys(db: Database, keys: SecretKeys): Promise<void> {
  if (!(await recordKeys(db, keys))) throw new ConfigError([UNKNOWN_KEY_MESSAGE]);
}
