import type { SamlIdentityProvider, SamlServiceProvider } from '../../../../src/saml/envelope.ts';
import type { SsoReason } from '../../../../src/sso/rules/reasons.ts';
import type { Content } from '../content.ts';
import type { Party } from '../party.ts';
import type { SigningStyle } from '../sign.ts';

/** What an attacker starts from. */
export interface Loot {
  readonly party: Party;
  /** With a key and certificate of their own. */
  readonly attacker: Party;
  /** An honest response, accepted as it is. */
  readonly xml: string;
  /** Lets the provider itself sign a response that it has changed: what no signature may excuse. */
  readonly signed: (change: (xml: string) => string, style?: Partial<SigningStyle>, by?: Party) => string;
  readonly content: Content;
}

/** Where a forged response is posted, where that is another place than the honest one's. */
export interface Elsewhere {
  readonly sp?: Partial<SamlServiceProvider>;
  readonly idp?: Partial<SamlIdentityProvider>;
  readonly now?: Date;
}

/** One attack: how it is made, and the reason for which it must be rejected. */
export interface Forgery {
  /** Which elements the honest response has signed. */
  readonly signs: 'assertion' | 'response' | 'both';
  readonly reason: SsoReason;
  /** The trace's detail beyond the reason, so that it is rejected for its own cause and no other. */
  readonly detail?: RegExp;
  readonly forge: (loot: Loot) => string | Buffer;
  readonly elsewhere?: (loot: Loot) => Elsewhere;
}

/** The first element of this name, in text that has no other of this name in it. */
export function cut(xml: string, name: string): string {
  const found = new RegExp(`<${name}\\b[^>]*(?:/>|>.*?</${name}>)`, 's').exec(xml)?.[0];
  if (found === undefined) throw new Error(`no ${name} in ${xml}`);
  return found;
}

/** Replaces what must be there. */
export function swap(xml: string, from: string | RegExp, to: string): string {
  const swapped = xml.replace(from, () => to);
  if (swapped === xml) throw new Error(`nothing to swap: ${from}`);
  return swapped;
}

/** The assertion of an attacker: another user, another ID, no signature. */
export function evil(assertion: string): string {
  const unsigned = assertion.replace(/<ds:Signature\b.*?<\/ds:Signature>/s, '');
  return swap(swap(unsigned, '>alice@example.com<', '>mallory@example.com<'), /ID="[^"]*"/, 'ID="_evil"');
}
