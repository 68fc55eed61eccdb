import { SsoError } from '../sso/sso-error.ts';
import { SAML } from './namespaces.ts';
import { checkPeriod, requiredTime, timeOf } from './times.ts';
import type { XmlElement } from './xml.ts';
import { attribute, child, children, textOf } from './xml-readers.ts';

/** When and how the user signed in at the provider (Core §2.7.2). */
export interface SamlAuthentication {
  readonly authnInstant: string;
  readonly authnContext?: string;
  readonly sessionIndex?: string;
  readonly sessionNotOnOrAfter?: string;
}

const LONGEST = 1_024;

/**
 * Combines the statements: the oldest sign-in, the earliest end of a session, and the rest from the first.
 *
 * @throws SsoError authentication_missing, not_yet_valid, too_late
 */
export function readAuthentication(assertion: XmlElement, now: Date): SamlAuthentication {
  const statements = children(assertion, SAML, 'AuthnStatement');
  const [first] = statements;
  if (first === undefined) throw new SsoError('authentication_missing');
  const instants = statements.map((each) => requiredTime(each, 'AuthnInstant'));
  const ends = statements.flatMap((each) => timeOf(each, 'SessionNotOnOrAfter') ?? []);
  for (const instant of instants) checkPeriod(now, instant, undefined, 'AuthnInstant');
  for (const end of ends) checkPeriod(now, undefined, end, 'SessionNotOnOrAfter');
  const sessionIndex = bounded(attribute(first, 'SessionIndex'));
  const authnContext = bounded(contextOf(first));
  return {
    authnInstant: earliest(instants),
    ...(authnContext === undefined ? {} : { authnContext }),
    ...(sessionIndex === undefined ? {} : { sessionIndex }),
    ...(ends.length === 0 ? {} : { sessionNotOnOrAfter: earliest(ends) }),
  };
}

function contextOf(statement: XmlElement): string | undefined {
  const context = child(statement, SAML, 'AuthnContext');
  const reference = context && child(context, SAML, 'AuthnContextClassRef');
  return reference && textOf(reference);
}

function bounded(text: string | undefined): string | undefined {
  if (text !== undefined && text.length > LONGEST)
    throw new SsoError('structure_unexpected', 'AuthnStatement');
  return text || undefined;
}

function earliest(times: readonly Date[]): string {
  return new Date(Math.min(...times.map((each) => each.getTime()))).toISOString();
}
