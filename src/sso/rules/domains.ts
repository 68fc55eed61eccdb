import { isIP } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';

/** Mail domains where everybody gets an address: no one proves anything by one. */
const PUBLIC: ReadonlySet<string> = new Set([
  '126.com',
  '163.com',
  'aol.com',
  'fastmail.com',
  'foxmail.com',
  'free.fr',
  'gmail.com',
  'gmx.at',
  'gmx.ch',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hey.com',
  'hotmail.co.uk',
  'hotmail.com',
  'hotmail.de',
  'hotmail.fr',
  'icloud.com',
  'laposte.net',
  'libero.it',
  'live.com',
  'mac.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'naver.com',
  'orange.fr',
  'outlook.com',
  'outlook.de',
  'outlook.fr',
  'pm.me',
  'posteo.de',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'rambler.ru',
  'rediffmail.com',
  'sina.com',
  't-online.de',
  'tutanota.com',
  'web.de',
  'yahoo.co.jp',
  'yahoo.co.uk',
  'yahoo.com',
  'yahoo.de',
  'yahoo.fr',
  'yandex.com',
  'yandex.ru',
  'ymail.com',
  'zoho.com',
]);

const LONGEST = 253;
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
/** Not a number, with which an address in IPv4 ends, however it is written. */
const topLabel = /^(?!\d+$)(?!0x)/;

/** Why a text is no domain that an organization may claim. */
export type DomainProblem = 'invalid_domain' | 'public_domain';

/**
 * Reads a domain as an administrator writes it.
 * @returns the one form in which domains are kept and compared, lower-case ASCII (IDNA), or why it is not a domain
 */
export function parseDomain(text: string): { readonly domain: string } | { readonly problem: DomainProblem } {
  const domain = canonicalDomain(text.trim());
  // Of a web site, and no user's address ends with it: the domain would lead no one here.
  if (domain === undefined || domain.startsWith('www.')) return { problem: 'invalid_domain' };
  return PUBLIC.has(domain) ? { problem: 'public_domain' } : { domain };
}

/** The part after the @ of an address, in the form in which domains are stored; undefined if it is not a domain. */
export function domainOf(email: string | undefined): string | undefined {
  const parts = email?.split('@') ?? [];
  return parts.length === 2 ? canonicalDomain(parts[1] as string) : undefined;
}

function canonicalDomain(text: string): string | undefined {
  // What a URL parser reads as something else than a name: a port, a path, an escape, a wildcard.
  if (text.length > LONGEST * 4 || /[^\p{L}\p{M}\p{N}.\u3002\uff0e\uff61·-]/u.test(text)) return undefined;
  const domain = domainToASCII(text.normalize('NFC')).toLowerCase();
  const labels = domain.split('.');
  const isName =
    domain.length <= LONGEST &&
    labels.length >= 2 &&
    labels.every((each) => label.test(each) && isEncoding(each)) &&
    topLabel.test(labels.at(-1) as string);
  return isName && isIP(domain) === 0 ? domain : undefined;
}

/** Whether a label with the IDNA prefix is really encoded; newer versions of Node.js no longer check. */
function isEncoding(text: string): boolean {
  if (!text.startsWith('xn--')) return true;
  const letters = domainToUnicode(text);
  return letters !== text && domainToASCII(letters) === text;
}

/** The TXT record by which an organization verifies a domain. */
export function domainRecord(
  domain: string,
  token: string,
): { readonly name: string; readonly value: string } {
  return { name: `_rollcall.${domain}`, value: `rollcall-domain-verification=${token}` };
}
