import { z } from 'zod';

const number = (limit: number, description: string) =>
  z.int().min(0).max(1_000_000).default(limit).meta({ description, example: limit });
const percent = (limit: number, description: string) =>
  z.int().min(0).max(100).default(limit).meta({ description, example: limit });

/** The most that is fine of each figure: more is a warning. */
export const postureLimitsShape = z.strictObject({
  owners: number(5, 'Owners.'),
  adminPercent: percent(10, 'Percent of the active people who are admin.'),
  configurePercent: percent(25, 'Percent of the active people who are configure.'),
  privilegedWithoutSecondFactor: number(
    0,
    'People with the role configure or admin who sign in with a password alone.',
  ),
  withoutSecondFactorPercent: percent(50, 'Percent of the active people who sign in with a password alone.'),
  inactivePercent: percent(20, 'Percent of the active people without activity for 90 days.'),
  outsideSsoPercent: percent(
    10,
    'Percent of the active people who cannot sign in through a provider, where single sign-on is in use.',
  ),
  unusedServiceAccounts: number(0, 'Service accounts whose keys were not used for 90 days.'),
  unusedApiKeys: number(0, 'API keys that were not used for 90 days.'),
  apiKeysWithoutExpiry: number(0, 'API keys that never expire.'),
});

export type PostureLimits = z.output<typeof postureLimitsShape>;
