import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startServer } from './server-process.ts';

/** Keycloak with one realm, on `localhost`. */
export interface Keycloak {
  /** Of the realm; its OpenID Connect issuer and its SAML entity ID. */
  readonly issuer: string;
  readonly samlMetadata: string;
  /** Asks its administration. @param path below the realm @throws Error unless it is done */
  admin(method: 'GET' | 'POST' | 'PUT', path: string, body?: object | string): Promise<unknown>;
  output(): string;
  close(): Promise<void>;
}

const REALM = 'interop';

/**
 * Starts one with its database in memory; `close` it in afterAll. The first start in a folder takes two minutes.
 * @param at the folder that has `bin/kc.sh`; the realm is written into its `data/import`
 */
export async function startKeycloak(at: string, realm: object): Promise<Keycloak> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const issuer = `${origin}/realms/${REALM}`;
  const imported = join(at, 'data/import');
  await rm(imported, { recursive: true, force: true });
  await mkdir(imported, { recursive: true });
  await writeFile(join(imported, 'realm.json'), JSON.stringify({ realm: REALM, enabled: true, ...realm }));
  const password = randomBytes(12).toString('hex');
  const server = await startServer(
    join(at, 'bin/kc.sh'),
    ['start-dev', '--http-host=127.0.0.1', `--http-port=${port}`, '--db=dev-mem', '--import-realm'],
    {
      cwd: at,
      env: { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: password },
      ready: `${issuer}/.well-known/openid-configuration`,
      withinMs: 280_000,
    },
  );
  const token = async (): Promise<string> => {
    const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password };
    const answer = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  return {
    issuer,
    samlMetadata: `${issuer}/protocol/saml/descriptor`,
    admin: async (method, path, body) => {
      const answer = await fetch(`${origin}/admin/realms/${REALM}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${await token()}`,
          'Content-Type': typeof body === 'string' ? 'application/xml' : 'application/json',
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    output: server.output,
    close: server.stop,
  };
}
