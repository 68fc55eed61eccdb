import { resolve } from 'node:path';
import { z } from 'zod';
import { FIRST_OWNER_EMAIL } from '../directory/organizations/create.ts';
import { DEFAULT_RETENTION, type Retention } from '../maintenance/retention.ts';
import { checkPassword } from '../sign-in/passwords.ts';
import { ConfigError } from './config-error.ts';
import { decodeSecretKey, SECRET_KEY_MESSAGE } from './secret-key.ts';
import { trustProxy } from './trust-proxy.ts';

/** Everything an operator can set, read once from the environment and frozen (docs/production.md). */
export interface Config {
  /** 0 asks the system for any free port. */
  readonly port: number;
  readonly host: string;
  /** Without a trailing slash; undefined when not given: then `http://127.0.0.1:<the port listened on>`. */
  readonly publicUrl: string | undefined;
  /** As Express's `trust proxy` accepts it: none, this many proxies, or these addresses and networks. */
  readonly trustProxy: false | number | readonly string[];
  /** Undefined: the embedded Postgres under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Postgres itself, where `databaseUrl` leads to a pooler. */
  readonly databaseUrlDirect: string | undefined;
  /** The most database connections of one process, those of the health check and of notifications aside. */
  readonly databaseConnections: number;
  readonly retention: Retention;
  /** Files in MMDB format that say where addresses are. */
  readonly locationFiles: readonly LocationFileSetting[];
  /** Absolute. */
  readonly dataDir: string;
  readonly bootstrap: BootstrapConfig;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  /** 32 bytes in base64; `loadSecretKeys` returns the bytes from any source. */
  readonly secretKey: string | undefined;
  /** Older keys, 32 bytes in base64 each, while the key is being rotated. */
  readonly secretKeyPrevious: readonly string[];
  /** Absolute. */
  readonly secretKeyFile: string | undefined;
  /** Whether webhooks may lead into private networks. */
  readonly allowPrivateWebhooks: boolean;
  /** Whether identity providers may be in private networks. */
  readonly allowPrivateProviders: boolean;
  readonly role: 'all' | 'web' | 'worker';
  readonly webConcurrency: number;
  readonly logLevel: LogLevel;
  /** Where `/metrics` is served; undefined: beside everything else. */
  readonly metricsPort: number | undefined;
  /** Requests a second that one process takes; 0 for no limit. */
  readonly limits: { readonly perOrganization: number; readonly perConnection: number };
}

/** What the first start on an empty database is to create; what is missing is made up. */
export interface BootstrapConfig {
  readonly org: string | undefined;
  readonly ownerEmail: string | undefined;
  readonly ownerName: string | undefined;
  readonly ownerPassword: string | undefined;
  readonly scimToken: string | undefined;
}

/** A file that the operator mounts. */
export interface LocationFileSetting {
  readonly setting: 'GEOIP_COUNTRY_FILE' | 'GEOIP_ASN_FILE';
  /** Absolute. */
  readonly path: string;
}

export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const text = (says: string) => z.string({ error: says });

const url = (protocols: readonly string[], says: string) =>
  text(says).refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), says);

const wholeNumber = (from: number, to: number) => {
  const says = `must be a whole number from ${from} to ${to}.`;
  return text(says)
    .regex(/^\d{1,6}$/, says)
    .transform(Number)
    .refine((value) => value >= from && value <= to, says);
};

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}.` });

const publicUrl = url(['http:', 'https:'], 'must be an address that starts with http:// or https://.')
  .refine(
    (value) => !URL.canParse(value) || (new URL(value).search === '' && new URL(value).hash === ''),
    'must have no query and no fragment.',
  )
  .refine(
    (value) => !URL.canParse(value) || new URL(value).username + new URL(value).password === '',
    'must not contain a user name or password.',
  )
  .transform((value) => new URL(value).href.replace(/[/?#]+$/, ''));

const SECRET_KEYS_SAYS =
  'must be keys of 32 bytes in base64, separated by commas: what SECRET_KEY was set to before.';

const secretKeys = text(SECRET_KEYS_SAYS)
  .transform((value) =>
    value
      .split(',')
      .map((key) => key.trim())
      .filter((key) => key !== ''),
  )
  .refine((keys) => keys.every((key) => decodeSecretKey(key) !== undefined), SECRET_KEYS_SAYS);

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(8080),
  HOST: text('must be an address or a host name.').default('127.0.0.1'),
  PUBLIC_URL: publicUrl.optional(),
  TRUST_PROXY: trustProxy.default(false),
  DATABASE_URL: url(
    ['postgres:', 'postgresql:'],
    'must be an address that starts with postgres://.',
  ).optional(),
  DATABASE_URL_DIRECT: url(
    ['postgres:', 'postgresql:'],
    'must be an address that starts with postgres://.',
  ).optional(),
  DATABASE_CONNECTIONS: wholeNumber(8, 500).default(16),
  RETENTION_AUDIT_DAYS: wholeNumber(31, 36_500).default(DEFAULT_RETENTION.auditDays),
  RETENTION_SIGN_IN_DAYS: wholeNumber(1, 36_500).default(DEFAULT_RETENTION.signInDays),
  RETENTION_WEBHOOK_DAYS: wholeNumber(1, 36_500).default(DEFAULT_RETENTION.webhookDeliveryDays),
  RETENTION_SCIM_LOG_DAYS: wholeNumber(0, 366).default(DEFAULT_RETENTION.scimLogDays),
  RETENTION_DEAD_JOB_DAYS: wholeNumber(1, 36_500).default(DEFAULT_RETENTION.deadJobDays),
  RETENTION_ACTIVITY_DAYS: wholeNumber(31, 36_500).default(DEFAULT_RETENTION.activityDays),
  RETENTION_REVIEW_DAYS: wholeNumber(31, 36_500).default(DEFAULT_RETENTION.reviewDays),
  RETENTION_HISTORY_DAYS: wholeNumber(31, 36_500).default(DEFAULT_RETENTION.historyDays),
  GEOIP_COUNTRY_FILE: text('must be a file.').optional(),
  GEOIP_ASN_FILE: text('must be a file.').optional(),
  DATA_DIR: text('must be a folder.').default('.data'),
  BOOTSTRAP_ORG: text('must be a name.').max(200, 'must be 200 characters or fewer.').optional(),
  BOOTSTRAP_OWNER_EMAIL: z.email({ error: 'must be an e-mail address.' }).optional(),
  BOOTSTRAP_OWNER_NAME: text('must be a name.')
    .trim()
    .max(200, 'must be 200 characters or fewer.')
    .optional(),
  BOOTSTRAP_OWNER_PASSWORD: text('must be a password.').optional(),
  BOOTSTRAP_SCIM_TOKEN: text('must be a token.').min(32, 'must have at least 32 characters.').optional(),
  SMTP_URL: url(['smtp:', 'smtps:'], 'must be an address that starts with smtp:// or smtps://.').optional(),
  MAIL_FROM: text('must be an address, or a name and an address: Rollcall <no-reply@acme.example>.')
    .regex(
      /^[^\r\n]*@[^\r\n]+$/,
      'must be an address, or a name and an address: Rollcall <no-reply@acme.example>.',
    )
    .optional(),
  SECRET_KEY: text(SECRET_KEY_MESSAGE)
    .refine((value) => decodeSecretKey(value) !== undefined, SECRET_KEY_MESSAGE)
    .optional(),
  SECRET_KEY_FILE: text('must be a file.').optional(),
  SECRET_KEY_PREVIOUS: secretKeys.optional(),
  ALLOW_PRIVATE_WEBHOOKS: oneOf(['true', 'false']).default('false'),
  ALLOW_PRIVATE_PROVIDERS: oneOf(['true', 'false']).default('false'),
  ROLE: oneOf(['all', 'web', 'worker']).default('all'),
  WEB_CONCURRENCY: wholeNumber(1, 64).default(1),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  METRICS_PORT: wholeNumber(1, 65_535).optional(),
  RATE_LIMIT_ORGANIZATION: wholeNumber(0, 100_000).default(400),
  RATE_LIMIT_CONNECTION: wholeNumber(0, 100_000).default(200),
});

/** The names of all settings, as environment variables. */
export const SETTING_NAMES: readonly string[] = Object.keys(environment.shape);

/**
 * Reads the operator's settings. An empty variable is treated as not set.
 *
 * @param env usually `process.env`; nothing else in Rollcall reads it
 * @throws ConfigError with all problems together
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  const problems = [
    ...unknownNames(Object.keys(env)),
    ...(parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) ?? []),
    ...contradictions(given),
    ...weakPasswords(given),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return toConfig(parsed.data);
}

function toConfig(env: z.output<typeof environment>): Config {
  return Object.freeze({
    port: env.PORT,
    host: env.HOST,
    publicUrl: env.PUBLIC_URL,
    trustProxy: env.TRUST_PROXY,
    databaseUrl: env.DATABASE_URL,
    databaseUrlDirect: env.DATABASE_URL_DIRECT,
    databaseConnections: env.DATABASE_CONNECTIONS,
    retention: Object.freeze({
      auditDays: env.RETENTION_AUDIT_DAYS,
      signInDays: env.RETENTION_SIGN_IN_DAYS,
      webhookDeliveryDays: env.RETENTION_WEBHOOK_DAYS,
      scimLogDays: env.RETENTION_SCIM_LOG_DAYS,
      deadJobDays: env.RETENTION_DEAD_JOB_DAYS,
      activityDays: env.RETENTION_ACTIVITY_DAYS,
      reviewDays: env.RETENTION_REVIEW_DAYS,
      historyDays: env.RETENTION_HISTORY_DAYS,
    }),
    locationFiles: Object.freeze(
      (['GEOIP_COUNTRY_FILE', 'GEOIP_ASN_FILE'] as const).flatMap((setting) => {
        const path = env[setting];
        return path === undefined ? [] : [{ setting, path: resolve(path) }];
      }),
    ),
    dataDir: resolve(env.DATA_DIR),
    bootstrap: Object.freeze({
      org: env.BOOTSTRAP_ORG,
      ownerEmail: env.BOOTSTRAP_OWNER_EMAIL,
      ownerName: env.BOOTSTRAP_OWNER_NAME,
      ownerPassword: env.BOOTSTRAP_OWNER_PASSWORD,
      scimToken: env.BOOTSTRAP_SCIM_TOKEN,
    }),
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    secretKey: env.SECRET_KEY,
    secretKeyPrevious: env.SECRET_KEY_PREVIOUS ?? [],
    secretKeyFile: env.SECRET_KEY_FILE === undefined ? undefined : resolve(env.SECRET_KEY_FILE),
    allowPrivateWebhooks: env.ALLOW_PRIVATE_WEBHOOKS === 'true',
    allowPrivateProviders: env.ALLOW_PRIVATE_PROVIDERS === 'true',
    role: env.ROLE,
    webConcurrency: env.WEB_CONCURRENCY,
    logLevel: env.LOG_LEVEL,
    metricsPort: env.METRICS_PORT,
    limits: Object.freeze({
      perOrganization: env.RATE_LIMIT_ORGANIZATION,
      perConnection: env.RATE_LIMIT_CONNECTION,
    }),
  });
}

function unknownNames(names: readonly string[]): string[] {
  const prefix = 'ROLLCALL_';
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => {
      const setting = name.slice(prefix.length);
      return `${name} is not a setting.${setting in environment.shape ? ` The setting is called ${setting}.` : ''}`;
    });
}

function contradictions(given: Readonly<Record<string, string | undefined>>): string[] {
  return [
    ...(given['SECRET_KEY'] && given['SECRET_KEY_FILE']
      ? ['SECRET_KEY and SECRET_KEY_FILE are both set; leave one of them out.']
      : []),
    ...(given['DATABASE_URL_DIRECT'] && !given['DATABASE_URL']
      ? ['DATABASE_URL_DIRECT is set without DATABASE_URL; set DATABASE_URL to the address of the pooler.']
      : []),
  ];
}

/** The first owner's password follows the same rules as every other password. */
function weakPasswords(given: Readonly<Record<string, string | undefined>>): string[] {
  const password = given['BOOTSTRAP_OWNER_PASSWORD'];
  if (password === undefined) return [];
  try {
    checkPassword(password, given['BOOTSTRAP_OWNER_EMAIL'] ?? FIRST_OWNER_EMAIL);
    return [];
  } catch (error) {
    return [`BOOTSTRAP_OWNER_PASSWORD can't be used. ${(error as Error).message}`];
  }
}
