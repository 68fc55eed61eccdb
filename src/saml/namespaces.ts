/** The XML namespaces of SAML 2.0 and of what it is signed and encrypted with. */
export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const XENC = 'http://www.w3.org/2001/04/xmlenc#';
export const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
export const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
