import type { SsoReason } from '../../../../src/sso/rules/reasons.ts';
import { NOW } from '../content.ts';
import { cut, type Elsewhere, type Forgery, swap } from './forgery.ts';

export type Change = (xml: string) => string;

/** Signed by the provider, but not for us, not now, or not enough. */
export function said(
  reason: SsoReason,
  change: Change,
  detail?: RegExp,
  signs: Forgery['signs'] = 'assertion',
): Forgery {
  return {
    signs,
    reason,
    ...(detail === undefined ? {} : { detail }),
    forge: ({ signed }) => signed(change),
  };
}

/** An honest response in another place, or at another time. */
export function presented(
  reason: SsoReason,
  elsewhere: Elsewhere,
  signs: Forgery['signs'] = 'both',
): Forgery {
  return { signs, reason, forge: ({ xml }) => xml, elsewhere: () => elsewhere };
}

/** Minutes after the honest sign-in. */
export const at = (minutes: number, seconds = 0) =>
  new Date(NOW.getTime() + minutes * 60_000 + seconds * 1_000);
export const stamp = (minutes: number, seconds = 0) => at(minutes, seconds).toISOString();

/** A change of the confirmation alone. */
export const confirmation =
  (change: Change): Change =>
  (xml) => {
    const original = cut(xml, 'saml:SubjectConfirmation');
    return swap(xml, original, change(original));
  };
/** A change of the assertion alone. */
export const assertion =
  (change: Change): Change =>
  (xml) => {
    const original = cut(xml, 'saml:Assertion');
    return swap(xml, original, change(original));
  };
export const replace =
  (from: string | RegExp, to: string): Change =>
  (xml) =>
    swap(xml, from, to);
export const condition = (xml: string) => replace('</saml:Conditions>', `${xml}</saml:Conditions>`);
/** Other parties than the intended one. */
export const OTHER = 'https://other.example';
