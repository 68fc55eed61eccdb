import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { SAML } from './namespaces.ts';
import { checkPeriod, timeOf } from './times.ts';
import type { XmlElement } from './xml.ts';
import { children, is, textOf } from './xml-readers.ts';

/** Conditions that ask nothing of us: an assertion is used once anyway, and none is passed on. */
const HARMLESS: ReadonlySet<string> = new Set(['OneTimeUse', 'ProxyRestriction']);

/**
 * Checks the conditions of an assertion (Core §2.5.1): its time, an audience with us in it, and no condition that is
 * not understood.
 * @throws SsoError not_yet_valid, too_late, audience_mismatch, condition_unknown
 */
export function checkConditions(conditions: XmlElement, entityId: string, now: Date): void {
  checkPeriod(now, timeOf(conditions, 'NotBefore'), timeOf(conditions, 'NotOnOrAfter'), 'Conditions');
  for (const each of conditions.children) {
    const known = each.uri === SAML && (each.local === 'AudienceRestriction' || HARMLESS.has(each.local));
    if (!known) throw new SsoError('condition_unknown', truncate(each.local, 100));
  }
  const restrictions = children(conditions, SAML, 'AudienceRestriction');
  // Every restriction must hold; in one restriction, any audience does.
  const matches = restrictions.map((each) => audiences(each).includes(entityId));
  if (matches.length === 0 || matches.includes(false))
    throw new SsoError('audience_mismatch', truncate(restrictions.flatMap(audiences).join(' '), 200));
}

function audiences(restriction: XmlElement): readonly string[] {
  return restriction.children.filter((each) => is(each, SAML, 'Audience')).map(textOf);
}
