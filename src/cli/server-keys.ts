import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import type { SecretKeys } from '../platform/sealing.ts';
import { keyFileOf, loadSecretKeys } from '../secret-key.ts';
import { CommandError } from './command.ts';

/**
 * The server's own keys: a key made up here would open nothing of the server's, nor the server what it sealed.
 * @throws CommandError when there is none, ConfigError when there is something else
 */
export async function loadServerKeys(config: Config): Promise<SecretKeys> {
  const given = config.secretKey !== undefined || config.secretKeyFile !== undefined;
  if (config.databaseUrl !== undefined && !given && !existsSync(keyFileOf(config.dataDir))) {
    throw new CommandError(
      `The server's secret key is not here: set SECRET_KEY, SECRET_KEY_FILE or DATA_DIR (${config.dataDir} has none).`,
    );
  }
  return loadSecretKeys(config);
}
