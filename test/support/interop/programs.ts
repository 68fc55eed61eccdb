import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A provider's program, ready to run; or why it is not to be had, in words that end a sentence. */
export type Program = { readonly at: string; readonly version: string } | { readonly missing: string };

const run = promisify(execFile);
const FETCH_MS = 180_000;
const KEYCLOAK = '26.7.3';
const PHP_MODULES = ['dom', 'mbstring', 'openssl', 'session', 'SimpleXML'];

/**
 * Finds SimpleSAMLphp: where `INTEROP_SIMPLESAMLPHP` says, installed, fetched before, or now as Debian's package, which
 * is unpacked and not installed.
 * @param cache a folder for what is fetched
 * @param say called before anything is fetched
 */
export async function findSimpleSamlPhp(cache: string, say: (line: string) => void): Promise<Program> {
  const modules = await outputOf('php', ['-m']);
  if (modules === undefined) return { missing: 'there is no php: install php-cli, php-xml and php-mbstring' };
  const loaded = new Set(modules.split(/\s+/));
  const lacking = PHP_MODULES.filter((name) => !loaded.has(name));
  if (lacking.length > 0)
    return { missing: `php lacks ${lacking.join(', ')}: install php-xml and php-mbstring` };

  const unpacked = join(cache, 'simplesamlphp');
  const place = await firstWith('usr/share/simplesamlphp/www', [
    process.env['INTEROP_SIMPLESAMLPHP'],
    '/',
    unpacked,
  ]);
  if (place !== undefined) return simpleSamlPhpAt(place);
  say('Fetching Debian’s package simplesamlphp; it is unpacked below node_modules/.cache, not installed.');
  return fetching(cache, unpacked, async (folder) => {
    await run('apt-get', ['download', 'simplesamlphp'], { cwd: folder, timeout: FETCH_MS });
    const [deb = ''] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
    await run('dpkg-deb', ['-x', join(folder, deb), folder], { timeout: FETCH_MS });
    await rm(join(folder, deb));
    return simpleSamlPhpAt;
  });
}

async function simpleSamlPhpAt(at: string): Promise<Program> {
  const file = join(at, 'usr/share/simplesamlphp/lib/SimpleSAML/Configuration.php');
  const version =
    /const VERSION = '([^']+)'/.exec(await readFile(file, 'utf8'))?.[1] ?? 'of an unknown version';
  if (version.startsWith('1.19.')) return { at, version };
  return { missing: `it is ${version}, and what is tried here is 1.19` };
}

/** Finds Keycloak: where `INTEROP_KEYCLOAK` says, fetched before, or now with Maven. */
export async function findKeycloak(cache: string, say: (line: string) => void): Promise<Program> {
  const java = /version "(\d+)/.exec((await outputOf('java', ['-version'])) ?? '')?.[1];
  if (java === undefined) return { missing: 'there is no java: it needs 17 or newer' };
  if (Number(java) < 17) return { missing: `java is ${java}, and it needs 17 or newer` };

  const unpacked = join(cache, `keycloak-${KEYCLOAK}`);
  const place = await firstWith('bin/kc.sh', [process.env['INTEROP_KEYCLOAK'], unpacked]);
  if (place !== undefined) return keycloakAt(place);
  if ((await outputOf('mvn', ['-v'])) === undefined) return { missing: 'there is no mvn to fetch it with' };
  say(`Fetching Keycloak ${KEYCLOAK} with Maven, 180 MB; it is unpacked below node_modules/.cache.`);
  return fetching(cache, unpacked, async (folder) => {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK}:tar.gz`;
    const copy = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    await run('mvn', copy, { cwd: folder, timeout: FETCH_MS });
    const archive = join(folder, `keycloak-quarkus-dist-${KEYCLOAK}.tar.gz`);
    await run('tar', ['-xzf', archive, '--strip-components=1', '-C', folder], { timeout: FETCH_MS });
    await rm(archive);
    return keycloakAt;
  });
}

async function keycloakAt(at: string): Promise<Program> {
  const text = await readFile(join(at, 'version.txt'), 'utf8').catch(() => '');
  return { at, version: /([\d.]+)/.exec(text)?.[1] ?? KEYCLOAK };
}

/** Fetches into a folder beside, which takes its place once it is whole. */
async function fetching(
  cache: string,
  place: string,
  fetch: (folder: string) => Promise<(at: string) => Promise<Program>>,
): Promise<Program> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetching-'));
  try {
    const describe = await fetch(folder);
    await rm(place, { recursive: true, force: true });
    await rename(folder, place);
    return await describe(place);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { missing: `it cannot be fetched (${lastLine(error)})` };
  }
}

/** The last words of a program that failed. */
function lastLine(error: unknown): string {
  const { stderr = '', stdout = '', message } = error as Error & { stderr?: string; stdout?: string };
  const lines = `${message}\n${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? 'no reason given').slice(0, 300);
}

async function firstWith(path: string, places: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const place of places) {
    if (place === undefined) continue;
    const there = await access(join(place, path)).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  return undefined;
}

/** What a program prints; undefined if it cannot be run. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, [...args], { timeout: 30_000 });
    return stdout + stderr;
  } catch {
    return undefined;
  }
}
