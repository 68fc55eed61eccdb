import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { mailSettings } from '../../config/mail-settings.ts';
import { keyFileOf } from '../../config/secret-key.ts';
import { verifyMailServer } from '../../platform/mailer.ts';
import { serverUrl } from '../command.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

const HEALTH_MS = 5_000;
const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/** Checks where clients reach the server. */
export async function checkPublicUrl(config: Config): Promise<Finding[]> {
  const url = serverUrl(config);
  return [checkAddress(config), ...checkProxy(config), await checkHealth(url)];
}

function checkAddress({ publicUrl }: Config): Finding {
  if (publicUrl === undefined) {
    return warn(
      'public URL',
      'PUBLIC_URL is not set: set it to the https address that people and providers use.',
    );
  }
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' || LOCAL.includes(hostname)
    ? ok('public URL', `${publicUrl}`)
    : fail(
        'public URL',
        `${publicUrl} is not encrypted: put a proxy with TLS in front, and set its https address.`,
      );
}

/** A server that speaks plain HTTP and is reached by https has a proxy in front. */
function checkProxy({ publicUrl, trustProxy }: Config): Finding[] {
  if (publicUrl === undefined || new URL(publicUrl).protocol !== 'https:') return [];
  return [
    trustProxy === false
      ? fail(
          'proxy',
          "TRUST_PROXY is not set, so all clients appear to have the proxy's address: set it to the number of proxies, such as 1.",
        )
      : ok('proxy', 'TRUST_PROXY is set.'),
  ];
}

async function checkHealth(url: string): Promise<Finding> {
  try {
    const answer = await fetch(`${url}/healthz`, {
      signal: AbortSignal.timeout(HEALTH_MS),
      redirect: 'manual',
    });
    await answer.arrayBuffer();
    return answer.status === 200
      ? ok('server', `Answers at ${url}.`)
      : fail(
          'server',
          `${url}/healthz answers ${answer.status}: make sure that the proxy forwards to this server.`,
        );
  } catch (error) {
    return warn(
      'server',
      `No answer at ${url}/healthz (${reasonOf(error)}): start the server, or check the proxy.`,
    );
  }
}

/** Checks that mails can be sent: signs in to the mail server without sending any, or looks at the folder. */
export async function checkMail(config: Config): Promise<Finding> {
  const { smtpUrl, folder } = mailSettings(config);
  if (smtpUrl === undefined) {
    const problem = await writeDenialReason(folder);
    return problem === undefined
      ? warn('mail', `Mails are written to ${folder}: set SMTP_URL to your mail server.`)
      : fail('mail', `${problem} Set SMTP_URL, or let the server's user write there.`);
  }
  try {
    await verifyMailServer(smtpUrl);
    return ok('mail', 'The mail server accepts the sign-in.');
  } catch (error) {
    return fail('mail', `The mail server refuses the connection (${reasonOf(error)}): check SMTP_URL.`);
  }
}

async function writeDenialReason(folder: string): Promise<string | undefined> {
  for (let path = folder; ; ) {
    try {
      await access(path, constants.W_OK);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return `${path} cannot be written to.`;
      const parent = path.replace(/\/[^/]*$/, '');
      if (parent === '' || parent === path) return `${path} does not exist.`;
      path = parent;
    }
  }
}

/** Checks that only the server's user can read the secrets in the data folder. */
export async function checkFiles({ dataDir, secretKey, secretKeyFile }: Config): Promise<Finding[]> {
  const keyFile = secretKeyFile ?? (secretKey === undefined ? keyFileOf(dataDir) : undefined);
  const findings = [await checkMode('data folder', dataDir, 0o022, '0700')];
  if (keyFile !== undefined) findings.push(await checkMode('key file', keyFile, 0o077, '0600'));
  return findings.filter((finding) => finding !== undefined);
}

/** @param forbidden the permission bits that it must not have @returns undefined if it is not there */
async function checkMode(
  check: string,
  path: string,
  forbidden: number,
  wanted: string,
): Promise<Finding | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  return (found.mode & forbidden) === 0
    ? ok(check, `${path} has the mode ${mode}.`)
    : fail(check, `${path} has the mode ${mode}, which lets other users in: run chmod ${wanted} ${path}.`);
}
