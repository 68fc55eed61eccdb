import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { SAML, XSI } from './namespaces.ts';
import type { XmlElement } from './xml.ts';
import { trimBlanks } from './xml-blanks.ts';
import { attribute, children } from './xml-readers.ts';

/** An attribute of a user. Providers that send one element per value (Keycloak's roles) are merged by name. */
export interface SamlAttribute {
  readonly name: string;
  readonly friendlyName?: string;
  /** Trimmed, in their order; empty ones left out. */
  readonly values: readonly string[];
}

/** UTF-16 units. How many values there may be follows from the size of a message. */
const LONGEST = 8_192;

/**
 * The attributes of an assertion, in their order. A value that is not text, such as the NameID inside an
 * eduPersonTargetedID, is no value.
 * @throws SsoError structure_unexpected for one without a name, attributes_too_large
 */
export function readAttributes(assertion: XmlElement): readonly SamlAttribute[] {
  const merged = new Map<string, { name: string; friendlyName?: string; values: string[] }>();
  const statements = children(assertion, SAML, 'AttributeStatement');
  for (const element of statements.flatMap((each) => children(each, SAML, 'Attribute'))) {
    const name = trimBlanks(attribute(element, 'Name') ?? '');
    if (name === '') throw new SsoError('structure_unexpected', 'an Attribute without Name');
    const found = merged.get(name) ?? { name, values: [] };
    const friendlyName = attribute(element, 'FriendlyName');
    if (friendlyName !== undefined) found.friendlyName ??= friendlyName;
    for (const value of children(element, SAML, 'AttributeValue'))
      found.values.push(...textValue(value, name));
    merged.set(name, found);
  }
  return [...merged.values()];
}

function textValue(element: XmlElement, name: string): readonly string[] {
  if (element.children.length > 0 || isNil(element)) return [];
  const text = trimBlanks(element.text);
  if (text.length > LONGEST) throw new SsoError('attributes_too_large', truncate(name, 200));
  return text === '' ? [] : [text];
}

function isNil(element: XmlElement): boolean {
  return /^(true|1)$/.test(element.attributes.get(`{${XSI}}nil`)?.trim() ?? '');
}
