import { domainToUnicode } from 'node:url';
import { domainOf } from '../../../sso/rules/domains.ts';
import { caseKey } from '../../rules/comparison-keys.ts';

/** An address, as it may be written otherwise and reach the same mailbox. */
export interface AddressVariants {
  /** The keys of the address itself: as it was written, and with its domain in ASCII and in Unicode (IDNA). */
  readonly spellings: readonly string[];
  /** The same without the tag behind a plus sign. */
  readonly untagged: readonly string[];
}

/** @param email undefined: nothing is written so */
export function addressVariants(email: string | undefined): AddressVariants {
  if (email === undefined) return { spellings: [], untagged: [] };
  const written = caseKey(email);
  const [local = '', asWritten = ''] = written.split('@');
  const ascii = domainOf(email);
  const domains = ascii === undefined ? [asWritten] : [asWritten, ascii, caseKey(domainToUnicode(ascii))];
  const [bare = ''] = local.split('+', 1);
  const keysOf = (name: string) => [...new Set(domains.map((domain) => `${name}@${domain}`))];
  return { spellings: keysOf(local), untagged: keysOf(bare === '' ? local : bare) };
}
