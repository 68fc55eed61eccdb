/** How a message travels: in a URL, or in a form that the browser posts (Bindings §3.4, §3.5). */
export type Binding = 'redirect' | 'post';

/** What carries the message; a request and an answer never go by the same name. */
export type MessageParameter = 'SAMLRequest' | 'SAMLResponse';

export const BINDING_URIS: Readonly<Record<Binding, string>> = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};

/** Of signatures of ours (RFC 9231 §2.3.2). */
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
