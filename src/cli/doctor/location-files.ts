import type { Config } from '../../config/config.ts';
import { describeLocationFileError } from '../../config/location-files.ts';
import { openLocationFile } from '../../platform/locations/locations.ts';
import { DAY_MS, writtenDay } from '../../platform/time.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Providers publish new ones each week or month. */
const OLD_DAYS = 60;

/** Checks the files that say where addresses are, as the server reads them. */
export function checkLocationFiles({ locationFiles }: Pick<Config, 'locationFiles'>): Promise<Finding[]> {
  return Promise.all(locationFiles.map(checkLocationFile));
}

async function checkLocationFile(file: Config['locationFiles'][number]): Promise<Finding> {
  const check = file.setting === 'GEOIP_COUNTRY_FILE' ? 'countries' : 'AS numbers';
  try {
    const { type, builtAt } = (await openLocationFile(file.path)).content;
    const made = `${type} of ${writtenDay(builtAt.toISOString())}`;
    return Date.now() - builtAt.getTime() > OLD_DAYS * DAY_MS
      ? warn(check, `${file.path} is old (${made}): let geoipupdate or a schedule replace it.`)
      : ok(check, `${file.path} has ${made}.`);
  } catch (error) {
    return fail(check, describeLocationFileError(file, error));
  }
}
