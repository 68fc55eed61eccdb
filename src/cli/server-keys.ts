import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { keyFileOf, loadSecretKeys } from '../config/secret-key.ts';
import type { SecretKeys } from '../platform/secret-box.ts';
import { CommandError } from './command.ts';

/**
 * The server's own keys: with a new key, neither could decrypt what the other encrypted.
 * @throws CommandError if there are none, ConfigError if they cannot be read
 */
export async function loadServerKeys(config: Config): Promise<SecretKeys> {
  const given = config.secretKey !== undefined || config.secretKeyFile !== undefined;
  if (config.databaseUrl !== undefined && !given && !existsSync(keyFileOf(config.dataDir))) {
    throw new CommandError(
      `The server's secret key is missing: set SECRET_KEY, SECRET_KEY_FILE or DATA_DIR as the server has it (there is no key in ${config.dataDir}).`,
    );
  }
  return loadSecretKeys(config);
}
