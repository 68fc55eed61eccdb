import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseConfig, SETTING_NAMES } from '../../src/config/config.ts';
import { packageRoot } from '../../src/platform/package-root.ts';

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<'rollcall' | 'postgres' | 'mail', Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (file: string) => readFileSync(join(packageRoot(import.meta.url), file), 'utf8');
const text = read('compose.yaml');
const { services, volumes } = parse(text) as Compose;

/** The variables of .env.example, with what they are set to there. */
const example = Object.fromEntries(
  read('.env.example')
    .split('\n')
    .map((line) => line.replace(/^# (?=[A-Z_]+=)/, ''))
    .filter((line) => /^[A-Z_]+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
);

/** What an operator fills in. */
const filledIn: Readonly<Record<string, string>> = {
  ...example,
  POSTGRES_PASSWORD: '0123abcd',
  SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  BOOTSTRAP_OWNER_EMAIL: 'owner@acme.example',
  BOOTSTRAP_OWNER_PASSWORD: 'correct battery horse 7',
  BOOTSTRAP_SCIM_TOKEN: 'a'.repeat(64),
};

/** Replaces `${NAME}`, `${NAME:-without}` and `${NAME:?rejection}`, as Compose does. @throws Error with a rejection */
function interpolate(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(
    /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, kind: string, rest: string) => {
      const given = env[name] ?? '';
      if (given === '' && kind === '?') throw new Error(rest);
      return given === '' && kind === '-' ? rest : given;
    },
  );
}

const rollcallEnv = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(services.rollcall.environment ?? {}).map(([name, value]) => [
      name,
      interpolate(value, env),
    ]),
  );

describe('compose.yaml', () => {
  test('names only settings that the server knows', () => {
    const names = Object.keys(services.rollcall.environment ?? {});
    expect(names.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
  });

  test('takes exactly the variables of .env.example', () => {
    const named = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    expect([...new Set(named)].sort()).toEqual(Object.keys(example).sort());
  });

  test('gives the server settings that it accepts, once .env is filled in', () => {
    const config = parseConfig(rollcallEnv(filledIn));
    expect(config.databaseUrl).toBe('postgres://rollcall:0123abcd@postgres:5432/rollcall');
    expect(config.smtpUrl).toBe('smtp://mail:1025');
  });

  test.each(Object.keys(example).filter((name) => example[name] === '' && name !== 'SECRET_KEY_PREVIOUS'))(
    'does not start without %s, and returns where to set it',
    (name) => {
      expect(() => rollcallEnv({ ...filledIn, [name]: '' })).toThrow(`Set ${name} in .env`);
    },
  );

  test('starts the server once the services that it needs are healthy', () => {
    const needed = Object.entries(services.rollcall.depends_on ?? {});
    expect(needed.map(([name]) => name).sort()).toEqual(['mail', 'postgres']);
    for (const [name, { condition }] of needed) {
      expect(condition).toBe('service_healthy');
      expect(services[name as keyof typeof services].healthcheck).toBeDefined();
    }
  });

  test('publishes ports on this machine only, and Postgres not at all', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(services.postgres.ports).toBeUndefined();
  });

  test('keeps data in volumes', () => {
    const used = Object.values(services).flatMap(({ volumes: mounts = [] }) => mounts);
    expect(used.map((mount) => mount.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort());
  });
});

test('docs/production.md describes every setting', () => {
  const described = new Set(
    [...read('docs/production.md').matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name),
  );
  expect(SETTING_NAMES.filter((name) => !described.has(name))).toEqual([]);
});
