import { fork } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { SignedXml } from 'xml-crypto';
import { createOrganization } from '../src/directory/organizations/create.ts';
import { migrate } from '../src/platform/db/migrate.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { readMessage } from '../src/saml/bindings.ts';
import { readCertificate } from '../src/saml/certificates.ts';
import { verifyResponse } from '../src/saml/response.ts';
import { makeServiceProviderKey } from '../src/saml/service-provider.ts';
import { serve } from '../src/serve.ts';
import { startPostgres } from './postgres.ts';

/**
 * What a SAML sign-in with a double-signed response costs: `npm run bench:sso`. Milliseconds of the server's CPU; the
 * client and Postgres are processes of their own.
 */

const ROUNDS = Number(process.argv[2] ?? 200);
const WARM = 20;
const PASSWORD = 'a password of the benchmark';

const ENTITY_ID = 'https://idp.bench.example/metadata';
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const postgres = await startPostgres(process.env['BENCH_DATABASE_URL']);
try {
  const url = await postgres.createDatabase('sso');
  await migrate(url);
  const { rollcall, server } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    mail: { smtpUrl: undefined, folder: '/nowhere', from: 'bench@example.com' },
  });
  const base = `http://127.0.0.1:${server.port}`;
  const provider = await makeServiceProviderKey('signing', new Date());
  const connection = await connect(rollcall.db, url, base, provider.certificatePem);
  const acs = `${base}/sso/saml/${connection}/acs`;

  /** A response as Okta issues it: assertion and response both signed. */
  const respond = (): string => {
    const now = new Date();
    const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
    const id = () => `_${randomBytes(16).toString('hex')}`;
    const [response, assertion] = [id(), id()];
    const email = `person-${randomBytes(6).toString('hex')}@bench.example`;
    const attribute = (name: string, values: readonly string[]) =>
      `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`;
    const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${response}" Version="2.0" IssueInstant="${at(0)}" Destination="${acs}"><saml:Issuer>${ENTITY_ID}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="${assertion}" Version="2.0" IssueInstant="${at(0)}"><saml:Issuer>${ENTITY_ID}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${email}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${at(5)}" Recipient="${acs}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(-5)}" NotOnOrAfter="${at(5)}"><saml:AudienceRestriction><saml:Audience>${base}/sso/saml/${connection}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at(-1)}" SessionIndex="${id()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attribute('email', [email])}${attribute('displayName', ['Jane Doe'])}${attribute('memberOf', ['Support Team', 'Sales Team', 'Everyone'])}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;
    const inner = signed(xml, assertion, provider.privateKeyPem);
    return Buffer.from(signed(inner, response, provider.privateKeyPem), 'utf8').toString('base64');
  };

  const { fingerprint } = readCertificate(provider.certificatePem);
  const idp = {
    entityId: ENTITY_ID,
    encryption: 'optional',
    certificates: [{ fingerprint, certificate: new X509Certificate(provider.certificatePem) }],
  } as const;
  const sp = { entityId: `${base}/sso/saml/${connection}`, acsUrl: acs, decryptionKeys: [] };

  const verification = await measure(respond, async (message) => {
    verifyResponse(readMessage(message), sp, idp, new Date());
  });
  const client = fork(join(packageRoot(import.meta.url), 'dist/bench/sso-client.js'));
  const whole = await measure(respond, async (message) => {
    const answered = once(client, 'message');
    client.send({ acs, message });
    const [{ status, text }] = (await answered) as [{ status: number; text: string }];
    if (status !== 303) throw new Error(`${status} ${text}`);
  });
  client.disconnect();
  process.stdout.write(`\nDouble-signed SAML response, ${ROUNDS} of each, milliseconds of CPU\n\n`);
  process.stdout.write('| | mean | target |\n|---|---:|---:|\n');
  process.stdout.write(`| verification of the response | ${verification.toFixed(1)} | |\n`);
  process.stdout.write(`| a whole first sign-in, the person made | ${whole.toFixed(1)} | 40 |\n`);
  await server.close({ lingerMs: 0, graceMs: 0 });
  await rollcall.close();
} finally {
  await postgres.stop();
}

/** Connects the provider over REST; that a test has passed is written into the database. @returns the connection */
async function connect(
  db: Parameters<typeof createOrganization>[0]['db'],
  url: string,
  base: string,
  certificatePem: string,
): Promise<string> {
  const { ownerEmail } = await createOrganization(
    { db, now: () => new Date() },
    { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'bench' },
    {
      name: 'Bench',
      ownerEmail: 'owner@owner.example',
      ownerPassword: PASSWORD,
      connectionName: 'Bench',
      strict: false,
      scimToken: undefined,
    },
  );
  let headers: Record<string, string> = { 'Content-Type': 'application/json' };
  const ask = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return { answer, json: JSON.parse(text) as Record<string, string> };
  };
  const login = await ask('POST', '/auth/login', { email: ownerEmail, password: PASSWORD });
  const cookie = login.answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  headers = { ...headers, Cookie: cookie, 'X-CSRF-Token': login.json['csrfToken'] ?? '' };
  const certificate = certificatePem.replaceAll(/-----[^-]+-----|\s/g, '');
  const metadataXml = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${ENTITY_ID}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.bench.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
  const settings = { allowIdpInitiated: true };
  const body = { name: 'Bench', protocol: 'saml', provider: 'generic', settings, metadataXml };
  const id = (await ask('POST', '/sso/connections', body)).json['id'] as string;
  await ask('PUT', `/sso/connections/${id}/jit`, {
    enabled: true,
    groupAttribute: 'memberOf',
    allowedDomains: ['bench.example'],
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`update sso_connections set state = 'active', tested_at = now()`);
  await client.end();
  return id;
}

/** Mean CPU of `work`, after a warm-up; the responses are made before the clock starts. */
async function measure(make: () => string, work: (message: string) => Promise<void>): Promise<number> {
  const messages = Array.from({ length: WARM + ROUNDS }, make);
  for (const message of messages.slice(0, WARM)) await work(message);
  const before = process.cpuUsage();
  for (const message of messages.slice(WARM)) await work(message);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / ROUNDS;
}

function signed(xml: string, id: string, privateKey: string): string {
  const signature = new SignedXml({
    privateKey,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXC_C14N,
  });
  signature.addReference({
    xpath: `//*[@ID='${id}']`,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXC_C14N],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `//*[@ID='${id}']/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}
