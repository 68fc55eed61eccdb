import { randomUUID } from 'node:crypto';
import { createSecretBox, type SecretBox } from '../../src/platform/secret-box.ts';
import { SEALED_PLACE_NAMES, SEALED_PURPOSES } from '../../src/secrets/purposes.ts';
import { listSealed, type SealedPlaceName } from '../../src/secrets/store/sealed-values.ts';
import { signInAsOwner } from './admin.ts';
import { OWNER_PASSWORD, type TestOrganization, type TestRollcall } from './rollcall.ts';
import { connectSaml } from './sso.ts';
import { createAuthority } from './tls-authority.ts';

/** Makes a sealed text in every place that has any. @param secretKey the key of this Rollcall */
export async function storeSecrets(
  rollcall: TestRollcall,
  organization: TestOrganization,
  secretKey: Buffer,
): Promise<void> {
  const seal = createSecretBox({ current: secretKey, previous: [] });
  const owner = await signInAsOwner(rollcall, organization);
  const done = async (sent: PromiseLike<{ status: number; text: string }>) => {
    const { status, text } = await sent;
    if (status >= 300) throw new Error(`${status} ${text}`);
  };
  await done(owner.post('/me/totp', { password: OWNER_PASSWORD }));
  await done(owner.post('/webhooks', { url: 'https://hooks.example/', events: ['*'] }));
  const client = await (await createAuthority()).issue('rollcall.example');
  const own = { clientCertificate: client.certificate, clientKey: client.key };
  await done(owner.post('/audit/streams', { name: 'SIEM', host: 'syslog.example', ...own }));
  await done(
    owner
      .post('/invitations', { email: `${randomUUID()}@acme.example`, role: 'readonly' })
      .set('Idempotency-Key', randomUUID()),
  );
  await done(owner.get('/history/signing-key'));
  const { connection } = await connectSaml(rollcall, organization);
  const run = (text: string, values: readonly unknown[]) => rollcall.rollcall.db.search(text, values);
  const set = (table: string, column: string, sealed: string) =>
    run(`update ${table} set ${column} = $2 where org_id = $1`, [organization.org, sealed]);
  // No server sends it meanwhile.
  await run(`update jobs set due_at = now() + interval '1 day' where org_id = $1`, [organization.org]);
  const [webhook] = await run('select id::text as id from webhooks where org_id = $1', [organization.org]);
  await set('webhooks', 'sealed_previous', seal.seal('x', `webhook ${(webhook as { id: string }).id}`));
  await set('sso_connections', 'sealed_secret', seal.seal('x', `sso client secret ${connection}`));
  await set('sessions', 'sealed_hint', seal.seal('x', 'sso logout hint'));
  await run(
    `insert into sso_requests (org_id, connection_id, key, purpose, browser_hash, sealed, created_at, expires_at)
     values ($1, $2, 'k', 'sign_in', '', $3, now(), now() + interval '1 hour')`,
    [organization.org, connection, seal.seal('{}', 'sso request k')],
  );
}

/** How many sealed texts of each place these keys open with the current one, and how many there are. */
export async function countOpened(
  rollcall: TestRollcall,
  seal: SecretBox,
): Promise<Record<SealedPlaceName, readonly [current: number, all: number]>> {
  const counts: [SealedPlaceName, readonly [number, number]][] = [];
  for (const name of SEALED_PLACE_NAMES) {
    const texts = await listSealed(rollcall.rollcall.db, name, undefined, 10_000);
    const opened = texts.filter(({ key, sealed }) => {
      try {
        seal.open(sealed, SEALED_PURPOSES[name](key));
        return seal.isCurrent(sealed);
      } catch {
        return false;
      }
    });
    counts.push([name, [opened.length, texts.length]]);
  }
  return Object.fromEntries(counts) as Record<SealedPlaceName, readonly [number, number]>;
}
