import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';
import type { Party } from '../saml/party.ts';
import { startServer } from './server-process.ts';

/** SimpleSAMLphp as an identity provider, on `localhost`; its users are in simplesamlphp/authsources.php. */
export interface SimpleSamlPhp {
  readonly origin: string;
  readonly metadata: string;
  /** Reads the metadata of a service provider at its address, as its administrator would have it done. */
  read(metadataUrl: string): Promise<void>;
  /** How it deals with the service provider from now on: options of saml20-sp-remote. */
  configure(wishes: Readonly<Record<string, unknown>>): Promise<void>;
  /** Encrypts with AES-256-GCM, which no option of it has. */
  useGcm(on: boolean): Promise<void>;
  /** Its log. */
  log(): Promise<string>;
  close(): Promise<void>;
}

const run = promisify(execFile);
const CONFIGURATION = fileURLToPath(new URL('./simplesamlphp/', import.meta.url));

/**
 * Starts one; `close` it in afterAll.
 * @param at where the package is unpacked: the folder that has `usr` and `etc`
 */
export async function startSimpleSamlPhp(at: string, party: Party): Promise<SimpleSamlPhp> {
  const root = join(at, 'usr/share/simplesamlphp');
  const state = await mkdtemp(join(tmpdir(), 'rollcall-interop-ssp-'));
  for (const folder of ['tmp', 'sessions', 'read']) await mkdir(join(state, folder));
  await writeFile(join(state, 'idp.crt'), party.certificatePem);
  await writeFile(join(state, 'idp.key'), party.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(state, 'wishes.json'), '{}');
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const env = {
    SIMPLESAMLPHP_CONFIG_DIR: CONFIGURATION,
    INTEROP_STATE: state,
    INTEROP_ORIGIN: origin,
    INTEROP_ETC: join(at, 'etc/simplesamlphp'),
    INTEROP_SALT: randomBytes(16).toString('hex'),
  };
  // 1.19 is older than PHP 8.2, which says so on every page.
  const quiet = ['-d', 'error_reporting=E_ALL&~E_DEPRECATED', '-d', 'display_errors=stderr'];
  const metadata = `${origin}/saml2/idp/metadata.php`;
  const server = await startServer(
    'php',
    [...quiet, '-S', `127.0.0.1:${port}`, '-t', join(root, 'www'), join(CONFIGURATION, 'router.php')],
    { cwd: root, env, ready: metadata, withinMs: 30_000 },
  );
  const gcm = join(state, 'gcm');

  return {
    origin,
    metadata,
    read: async (metadataUrl) => {
      const script = join(root, 'modules/metarefresh/bin/metarefresh.php');
      const args = [...quiet, script, `--out-dir=${join(state, 'read')}`, metadataUrl];
      await run('php', args, { cwd: root, env: { ...process.env, ...env } });
    },
    configure: (wishes) => writeFile(join(state, 'wishes.json'), JSON.stringify(wishes)),
    useGcm: async (on) => {
      if (on) await writeFile(gcm, '');
      else await rm(gcm, { force: true });
    },
    log: async () =>
      `${server.output()}\n${await readFile(join(state, 'simplesamlphp.log'), 'utf8').catch(() => '')}`,
    close: async () => {
      await server.stop();
      await rm(state, { recursive: true, force: true });
    },
  };
}
