import { truncate } from '../platform/truncate.ts';
import { MetadataError } from './metadata-error.ts';
import { MD, SAMLP } from './namespaces.ts';
import type { XmlElement } from './xml.ts';
import { attribute, children, is } from './xml-readers.ts';

/** So many names are listed for an administrator to choose from. */
const NAMED = 5;

/**
 * The EntityDescriptor of the identity provider that is meant.
 * @param entityId undefined: the only one there is
 * @throws MetadataError
 */
export function findProvider(root: XmlElement, entityId: string | undefined): XmlElement {
  const entities = [...entitiesOf(root)];
  if (entityId === undefined) return onlyProvider(entities);
  const [found, second] = entities.filter((entity) => attribute(entity, 'entityID') === entityId);
  if (found === undefined) {
    throw new MetadataError(`The metadata does not describe ${quote(entityId)}, but ${namesOf(entities)}.`);
  }
  if (second !== undefined) throw new MetadataError(`The metadata describes ${quote(entityId)} twice.`);
  return found;
}

/** The one role in which an entity is an identity provider of SAML 2.0. @throws MetadataError */
export function providerRole(entity: XmlElement): XmlElement {
  const [role, second] = rolesOf(entity);
  if (role !== undefined && second === undefined) return role;
  if (second !== undefined) {
    throw new MetadataError('The metadata describes this identity provider twice, in two IDPSSODescriptors.');
  }
  if (children(entity, MD, 'SPSSODescriptor').length > 0) {
    throw new MetadataError(
      'This is the metadata of a service provider, an application like this one. Take that of the identity provider.',
    );
  }
  throw new MetadataError('The metadata describes no identity provider that speaks SAML 2.0.');
}

function* entitiesOf(element: XmlElement): Generator<XmlElement> {
  if (is(element, MD, 'EntityDescriptor')) {
    yield element;
  } else if (is(element, MD, 'EntitiesDescriptor')) {
    for (const each of element.children) {
      if (is(each, MD, 'EntityDescriptor') || is(each, MD, 'EntitiesDescriptor')) yield* entitiesOf(each);
    }
  } else {
    throw new MetadataError(`This is XML, but no SAML 2.0 metadata: it is a ${quote(element.local)}.`);
  }
}

function onlyProvider(entities: readonly XmlElement[]): XmlElement {
  const providers = entities.filter((entity) => rolesOf(entity).length > 0);
  const [provider, second] = providers;
  if (second !== undefined) {
    throw new MetadataError(
      `The metadata describes ${providers.length} identity providers. Choose one by its entity ID: ${namesOf(providers)}.`,
    );
  }
  // A root that is not an entity names itself in the error.
  const [entity] = provider === undefined ? entities : [provider];
  if (entity === undefined) throw new MetadataError('The metadata describes no identity provider.');
  return entity;
}

function rolesOf(entity: XmlElement): readonly XmlElement[] {
  return children(entity, MD, 'IDPSSODescriptor').filter((role) =>
    (attribute(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(SAMLP),
  );
}

function namesOf(entities: readonly XmlElement[]): string {
  const names = entities.slice(0, NAMED).map((entity) => quote(attribute(entity, 'entityID') ?? ''));
  const others = entities.length - names.length;
  return names.join(', ') + (others > 0 ? ` and ${others} others` : '');
}

function quote(text: string): string {
  return `“${truncate(text, 200)}”`;
}
