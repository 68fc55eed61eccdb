import type { Content } from './content.ts';
import type { Party } from './party.ts';
import { type SigningStyle, sign } from './sign.ts';

/** How a product writes its responses, as captured ones show. */
export interface Provider {
  readonly declaration?: string;
  readonly prefixes: { readonly protocol: string; readonly assertion: string };
  /** Where the namespace of the assertion is declared. */
  readonly declares: 'root' | 'each';
  readonly signs: readonly ('Assertion' | 'Response')[];
  readonly style: SigningStyle;
  readonly rootAttributes?: string;
  /** Of the assertion: where xs and xsi are declared. */
  readonly assertionAttributes?: string;
  readonly issuerAttributes?: string;
  readonly nameIdAttributes?: string;
  readonly valueAttributes?: string;
  readonly milliseconds?: boolean;
  readonly attributesFirst?: boolean;
  readonly attributePerValue?: boolean;
}

const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';
const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

export const PROVIDERS: Readonly<Record<string, Provider>> = {
  Okta: {
    declaration: '<?xml version="1.0" encoding="UTF-8"?>',
    prefixes: { protocol: 'saml2p', assertion: 'saml2' },
    declares: 'each',
    signs: ['Assertion', 'Response'],
    style: { prefix: 'ds', prefixList: ['xs'], wrap: 64 },
    rootAttributes: XS,
    assertionAttributes: XS,
    issuerAttributes: 'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"',
    nameIdAttributes: `Format="${FORMAT}unspecified"`,
    valueAttributes: `${XS} ${XSI} xsi:type="xs:string"`,
    milliseconds: true,
  },
  'Microsoft Entra ID': {
    prefixes: { protocol: 'samlp', assertion: '' },
    declares: 'each',
    signs: ['Assertion'],
    style: { prefix: '' },
    nameIdAttributes: `Format="${FORMAT}emailAddress"`,
    milliseconds: true,
    attributesFirst: true,
  },
  'Google Workspace': {
    declaration: '<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
    prefixes: { protocol: 'saml2p', assertion: 'saml2' },
    declares: 'each',
    signs: ['Response'],
    style: { prefix: 'ds', wrap: 76 },
    nameIdAttributes: `Format="${FORMAT}emailAddress"`,
    valueAttributes: `${XS} ${XSI} xsi:type="xs:anyType"`,
    milliseconds: true,
  },
  OneLogin: {
    prefixes: { protocol: 'samlp', assertion: 'saml' },
    declares: 'root',
    signs: ['Assertion'],
    style: { prefix: 'ds' },
    assertionAttributes: `xmlns:saml="${SAML}" ${XS} ${XSI}`,
    nameIdAttributes: `Format="${FORMAT}emailAddress"`,
    valueAttributes: 'xsi:type="xs:string"',
  },
  PingOne: {
    prefixes: { protocol: 'samlp', assertion: 'saml' },
    declares: 'each',
    signs: ['Assertion'],
    style: { prefix: 'ds', wrap: 76 },
    valueAttributes: `${XS} ${XSI} xsi:type="xs:string"`,
    milliseconds: true,
  },
  PingFederate: {
    prefixes: { protocol: 'samlp', assertion: 'saml' },
    declares: 'each',
    signs: ['Response'],
    style: { prefix: 'ds', wrap: 76, space: '\n' },
    nameIdAttributes: `Format="${FORMAT}unspecified"`,
    valueAttributes: `xsi:type="xs:string" ${XS} ${XSI}`,
    milliseconds: true,
  },
  'AD FS': {
    prefixes: { protocol: 'samlp', assertion: '' },
    declares: 'each',
    signs: ['Assertion'],
    style: { prefix: 'ds' },
    rootAttributes: 'Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified"',
    milliseconds: true,
    attributesFirst: true,
  },
  Auth0: {
    prefixes: { protocol: 'samlp', assertion: 'saml' },
    declares: 'each',
    signs: ['Assertion'],
    style: { prefix: '' },
    nameIdAttributes: `Format="${FORMAT}unspecified"`,
    valueAttributes: `${XS} ${XSI} xsi:type="xs:anyType"`,
    milliseconds: true,
  },
  Keycloak: {
    prefixes: { protocol: 'samlp', assertion: 'saml' },
    declares: 'root',
    signs: ['Response'],
    style: { prefix: 'dsig' },
    assertionAttributes: `xmlns="${SAML}"`,
    nameIdAttributes: 'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"',
    valueAttributes: `${XS} ${XSI} xsi:type="xs:string"`,
    milliseconds: true,
    attributePerValue: true,
  },
  SimpleSAMLphp: {
    prefixes: { protocol: 'samlp', assertion: 'saml' },
    declares: 'root',
    signs: ['Assertion', 'Response'],
    style: { prefix: 'ds' },
    assertionAttributes: `${XSI} ${XS}`,
    nameIdAttributes: `SPNameQualifier="urn:sp" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"`,
    valueAttributes: 'xsi:type="xs:string"',
  },
};

/** The XML of a response, signed as the provider signs. */
export function issue(provider: Provider, content: Content, party: Party): string {
  return signAs(provider, writeResponse(provider, content), party);
}

/** Signs as the provider does: what is inside first. */
export function signAs(provider: Provider, xml: string, party: Party): string {
  const { declaration = '' } = provider;
  const signed = provider.signs.reduce((text, local) => sign(text, local, party, provider.style), xml);
  return declaration + signed;
}

/** The form field SAMLResponse. */
export function encode(xml: string): string {
  return Buffer.from(xml, 'utf8').toString('base64');
}

/** An unsigned response, without its XML declaration. */
export function writeResponse(provider: Provider, content: Content): string {
  const { prefixes, declares } = provider;
  const p = `${prefixes.protocol}:`;
  const onRoot = declares === 'root' ? ` ${declare(prefixes.assertion)}` : '';
  const inResponse = content.inResponseTo === undefined ? '' : ` InResponseTo="${content.inResponseTo}"`;
  return [
    `<${p}Response xmlns:${prefixes.protocol}="${SAMLP}"${onRoot} ID="${content.responseId}" Version="2.0"`,
    ` IssueInstant="${time(provider, content.now, 0)}" Destination="${content.acsUrl}"${inResponse}${attributes(provider.rootAttributes)}>`,
    issuer(provider, content),
    `<${p}Status><${p}StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></${p}Status>`,
    writeAssertion(provider, content),
    `</${p}Response>`,
  ].join('');
}

export function writeAssertion(provider: Provider, content: Content): string {
  const { prefixes, declares } = provider;
  const a = prefixes.assertion === '' ? '' : `${prefixes.assertion}:`;
  const own = declares === 'each' ? ` ${declare(prefixes.assertion)}` : '';
  const at = (minutes: number) => time(provider, content.now, minutes);
  const inResponse = content.inResponseTo === undefined ? '' : ` InResponseTo="${content.inResponseTo}"`;
  const { authnInstant, sessionIndex = '_s1', sessionNotOnOrAfter } = content;
  const ends =
    sessionNotOnOrAfter === undefined ? '' : ` SessionNotOnOrAfter="${sessionNotOnOrAfter.toISOString()}"`;
  const authn = `<${a}AuthnStatement AuthnInstant="${authnInstant?.toISOString() ?? at(-1)}" SessionIndex="${sessionIndex}"${ends}><${a}AuthnContext><${a}AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</${a}AuthnContextClassRef></${a}AuthnContext></${a}AuthnStatement>`;
  const statements = [authn, writeAttributes(provider, content, a)];
  return [
    `<${a}Assertion${own} ID="${content.assertionId}" IssueInstant="${at(0)}" Version="2.0"${attributes(provider.assertionAttributes)}>`,
    issuer(provider, content),
    `<${a}Subject><${a}NameID${attributes(provider.nameIdAttributes)}>${content.nameId}</${a}NameID>`,
    `<${a}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">`,
    `<${a}SubjectConfirmationData NotOnOrAfter="${at(5)}" Recipient="${content.acsUrl}"${inResponse}/>`,
    `</${a}SubjectConfirmation></${a}Subject>`,
    `<${a}Conditions NotBefore="${at(-5)}" NotOnOrAfter="${at(5)}"><${a}AudienceRestriction>`,
    `<${a}Audience>${content.audience}</${a}Audience></${a}AudienceRestriction></${a}Conditions>`,
    ...(provider.attributesFirst ? statements.reverse() : statements),
    `</${a}Assertion>`,
  ].join('');
}

function writeAttributes(provider: Provider, content: Content, a: string): string {
  const written = content.attributes.flatMap(([name, values]) => {
    const elements = values.map(
      (value) =>
        `<${a}AttributeValue${attributes(provider.valueAttributes)}>${escaped(value)}</${a}AttributeValue>`,
    );
    const groups = provider.attributePerValue ? elements : [elements.join('')];
    return groups.map((each) => `<${a}Attribute Name="${name}">${each}</${a}Attribute>`);
  });
  return `<${a}AttributeStatement>${written.join('')}</${a}AttributeStatement>`;
}

function issuer(provider: Provider, content: Content): string {
  const { prefixes, declares } = provider;
  const a = prefixes.assertion === '' ? '' : `${prefixes.assertion}:`;
  const own = declares === 'each' ? ` ${declare(prefixes.assertion)}` : '';
  return `<${a}Issuer${own}${attributes(provider.issuerAttributes)}>${content.issuer}</${a}Issuer>`;
}

function declare(prefix: string): string {
  return `xmlns${prefix === '' ? '' : `:${prefix}`}="${SAML}"`;
}

function attributes(text: string | undefined): string {
  return text === undefined ? '' : ` ${text}`;
}

function time(provider: Provider, now: Date, minutes: number): string {
  const text = new Date(now.getTime() + minutes * 60_000).toISOString();
  return provider.milliseconds ? text : text.replace('.000', '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
