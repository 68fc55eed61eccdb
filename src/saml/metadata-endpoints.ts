import { truncate } from '../platform/truncate.ts';
import { BINDING_URIS, type Binding } from './bindings.ts';
import { MetadataError } from './metadata-error.ts';
import { MD } from './namespaces.ts';
import type { XmlElement } from './xml.ts';
import { attribute, children } from './xml-readers.ts';

/** Where a provider takes messages, and where the answers go if it is elsewhere. */
export interface ProviderEndpoint {
  readonly url: string;
  readonly binding: Binding;
  readonly responseUrl: string | undefined;
}

const LONGEST = 2_000;

/** An absolute URL that is safe in a Location header and in a form: no spaces, quotes or backslashes. */
const ADDRESS = /^https?:\/\/[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a message brings itself (Bindings §3.4.4). */
const TAKEN = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature'] as const;

/**
 * The endpoint of a service, by HTTP-Redirect rather than by HTTP-POST; other bindings are not used.
 * @returns undefined if the service has no such endpoint
 * @throws MetadataError if its address cannot be used
 */
export function readEndpoint(
  role: XmlElement,
  service: 'SingleSignOnService' | 'SingleLogoutService',
  allowPrivate: boolean,
): ProviderEndpoint | undefined {
  for (const binding of ['redirect', 'post'] as const) {
    const found = children(role, MD, service).find(
      (each) => attribute(each, 'Binding') === BINDING_URIS[binding],
    );
    if (found === undefined) continue;
    const responseUrl = attribute(found, 'ResponseLocation');
    return {
      binding,
      url: checkAddress(attribute(found, 'Location') ?? '', service, allowPrivate),
      responseUrl: responseUrl && checkAddress(responseUrl, service, allowPrivate),
    };
  }
  return undefined;
}

/** Browsers are sent there: only https, and nothing that one reader takes for another address than the next. */
function checkAddress(text: string, service: string, allowPrivate: boolean): string {
  const url = ADDRESS.test(text) && text.length <= LONGEST && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new MetadataError(`The address of ${service} is not a valid URL: “${truncate(text, 200)}”.`);
  if (url.protocol !== 'https:' && !(allowPrivate && LOOPBACK.test(url.hostname))) {
    throw new MetadataError(`The address of ${service} does not begin with https: “${truncate(text, 200)}”.`);
  }
  if (url.username !== '' || url.password !== '' || url.href.includes('#')) {
    throw new MetadataError(`The address of ${service} has a password or a fragment, which it must not.`);
  }
  const taken = TAKEN.find((name) => url.searchParams.has(name));
  if (taken !== undefined) {
    throw new MetadataError(
      `The address of ${service} has ${taken} in its query, which a message brings itself.`,
    );
  }
  return text;
}
