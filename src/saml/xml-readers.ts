import { SsoError } from '../sso/sso-error.ts';
import type { XmlElement } from './xml.ts';

/** Whether an element has this name. */
export function is(element: XmlElement, uri: string, local: string): boolean {
  return element.local === local && element.uri === uri;
}

/** The children of this name, in their order. */
export function children(element: XmlElement, uri: string, local: string): readonly XmlElement[] {
  return element.children.filter((each) => is(each, uri, local));
}

/**
 * The one child of this name.
 * @throws SsoError structure_unexpected if there are several
 */
export function child(element: XmlElement, uri: string, local: string): XmlElement | undefined {
  const [first, second] = children(element, uri, local);
  if (second !== undefined)
    throw new SsoError('structure_unexpected', `more than one ${local} in ${element.local}`);
  return first;
}

/** An attribute in no namespace, where SAML's own attributes are. */
export function attribute(element: XmlElement, local: string): string | undefined {
  return element.attributes.get(local);
}

/**
 * The text of an element that holds nothing else, trimmed.
 * @throws SsoError structure_unexpected if it has elements
 */
export function textOf(element: XmlElement): string {
  if (element.children.length > 0) throw new SsoError('structure_unexpected', `elements in ${element.local}`);
  return element.text.trim();
}
