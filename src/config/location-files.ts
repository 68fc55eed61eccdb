import { type LocationFile, openLocationFile } from '../platform/locations/locations.ts';
import { MmdbError } from '../platform/locations/mmdb-file.ts';
import type { Config, LocationFileSetting } from './config.ts';
import { ConfigError } from './config-error.ts';

/**
 * Reads the files of locations that are set. One file may be set as both.
 * @throws ConfigError with all that cannot be used
 */
export async function openLocationFiles({
  locationFiles,
}: Pick<Config, 'locationFiles'>): Promise<readonly LocationFile[]> {
  const opened: LocationFile[] = [];
  const problems: string[] = [];
  for (const file of locationFiles) {
    if (opened.some(({ path }) => path === file.path)) continue;
    try {
      opened.push(await openLocationFile(file.path));
    } catch (error) {
      problems.push(describeLocationFileError(file, error));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return opened;
}

/** What is wrong with a file, and what to do. @param error what opening it threw */
export function describeLocationFileError({ setting, path }: LocationFileSetting, error: unknown): string {
  if (!(error instanceof MmdbError)) throw error;
  return `${setting}: ${path} ${error.message}. Put the file there, or leave ${setting} out.`;
}
