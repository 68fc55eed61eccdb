import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from './config.ts';
import { ConfigError } from './config-error.ts';

const key = Buffer.alloc(32, 7).toString('base64');

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  test('an empty environment is a complete configuration', () => {
    expect(parseConfig({})).toEqual({
      port: 8080,
      host: '127.0.0.1',
      publicUrl: undefined,
      retention: {
        auditDays: 400,
        signInDays: 90,
        webhookDeliveryDays: 30,
        scimLogDays: 30,
        deadJobDays: 30,
        activityDays: 90,
        reviewDays: 1_100,
        historyDays: 400,
      },
      trustProxy: false,
      databaseUrl: undefined,
      databaseUrlDirect: undefined,
      databaseConnections: 16,
      locationFiles: [],
      dataDir: resolve('.data'),
      bootstrap: {
        org: undefined,
        ownerEmail: undefined,
        ownerName: undefined,
        ownerPassword: undefined,
        scimToken: undefined,
      },
      smtpUrl: undefined,
      allowPrivateWebhooks: false,
      allowPrivateProviders: false,
      secretKey: undefined,
      secretKeyFile: undefined,
      secretKeyPrevious: [],
      role: 'all',
      webConcurrency: 1,
      logLevel: 'info',
      metricsPort: undefined,
      limits: { perOrganization: 400, perConnection: 200 },
    });
  });

  test('it can not be changed afterwards', () => {
    const config = parseConfig({ TRUST_PROXY: 'loopback' });
    expect([config, config.bootstrap, config.trustProxy].every(Object.isFrozen)).toBe(true);
  });

  test('an empty variable is treated as not set', () => {
    expect(parseConfig({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({
      port: 8080,
      databaseUrl: undefined,
    });
  });

  test('all problems are reported together, by the names of their variables', () => {
    const problems = problemsOf({
      PORT: '65536',
      PUBLIC_URL: 'ftp://example.com',
      DATABASE_URL: 'mysql://db/x',
      BOOTSTRAP_OWNER_EMAIL: 'nobody',
      BOOTSTRAP_SCIM_TOKEN: 'short',
      SMTP_URL: 'mail.example.com',
      SECRET_KEY: 'c2hvcnQ=',
      ROLE: 'both',
      WEB_CONCURRENCY: '0',
      LOG_LEVEL: 'loud',
      ROLLCALL_PORT: '1',
    });
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'BOOTSTRAP_OWNER_EMAIL',
      'BOOTSTRAP_SCIM_TOKEN',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'PUBLIC_URL',
      'ROLE',
      'ROLLCALL_PORT',
      'SECRET_KEY',
      'SMTP_URL',
      'WEB_CONCURRENCY',
    ]);
  });

  test('an unknown ROLLCALL_ name is an error that suggests the intended name', () => {
    expect(problemsOf({ ROLLCALL_DATABASE_URL: 'x' })).toEqual([
      'ROLLCALL_DATABASE_URL is not a setting. The setting is called DATABASE_URL.',
    ]);
  });

  test('no problem repeats a value that could be a secret', () => {
    const secret = 'hunter2-hunter2';
    const names = [
      'DATABASE_URL',
      'SMTP_URL',
      'SECRET_KEY',
      'BOOTSTRAP_SCIM_TOKEN',
      'PUBLIC_URL',
      'ROLLCALL_KEY',
    ];
    const problems = problemsOf(Object.fromEntries(names.map((name) => [name, secret])));
    expect(problems).toHaveLength(names.length);
    expect(problems.join('\n')).not.toContain(secret);
  });

  test.each([
    ['https://id.example.com/', 'https://id.example.com'],
    ['https://id.example.com/people//', 'https://id.example.com/people'],
    ['http://localhost:9000', 'http://localhost:9000'],
  ])('PUBLIC_URL %s is %s, without a slash at the end', (given, kept) => {
    expect(parseConfig({ PUBLIC_URL: given }).publicUrl).toBe(kept);
  });

  test.each(['https://x.example/?a=1', 'https://x.example/#a', 'https://me:secret@x.example', 'x.example'])(
    'PUBLIC_URL %s is rejected',
    (given) => {
      expect(problemsOf({ PUBLIC_URL: given })).toHaveLength(1);
    },
  );

  test.each([
    ['false', false],
    ['0', false],
    ['2', 2],
    ['loopback, 10.0.0.0/8,::1', ['loopback', '10.0.0.0/8', '::1']],
  ])('TRUST_PROXY %s is understood', (given, kept) => {
    expect(parseConfig({ TRUST_PROXY: given }).trustProxy).toEqual(kept);
  });

  test.each(['true', '-1', '10.0.0.0/33', 'proxy.example.com', '10.0.0.0/8/8'])(
    'TRUST_PROXY %s is rejected',
    (given) => {
      expect(problemsOf({ TRUST_PROXY: given })).toHaveLength(1);
    },
  );

  test('port 0 is allowed and means any free one', () => {
    expect(parseConfig({ PORT: '0' }).port).toBe(0);
  });

  test('SECRET_KEY and SECRET_KEY_FILE contradict each other', () => {
    expect(problemsOf({ SECRET_KEY: key, SECRET_KEY_FILE: '/run/key' })).toHaveLength(1);
  });
});
