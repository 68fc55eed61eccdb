import { afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessage } from '../../../src/saml/bindings.ts';
import type { SamlIdentityProvider } from '../../../src/saml/envelope.ts';
import { verifyResponse } from '../../../src/saml/response.ts';
import { standalone } from '../../../src/saml/structure.ts';
import { parseXml, type XmlElement } from '../../../src/saml/xml.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { honest, NOW, SP } from '../../support/saml/content.ts';
import { evil } from '../../support/saml/forgeries/forgery.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { encode, issue, PROVIDERS } from '../../support/saml/providers.ts';

const names = Object.keys(PROVIDERS);
const sp = { ...SP, decryptionKeys: [] };
const signed = new Map<string, string>();
let party: Party;
let idp: SamlIdentityProvider;

beforeAll(async () => {
  party = await makeParty();
  idp = { entityId: honest().issuer, certificates: [party], encryption: 'optional' };
  for (const [name, provider] of Object.entries(PROVIDERS))
    signed.set(name, issue(provider, honest(), party));
});

/** xmldom warns on the console: where it does, two parsers disagree. */
let complaints: jest.SpiedFunction<typeof console.error>[];

beforeEach(() => {
  complaints = (['error', 'warn'] as const).map((each) =>
    jest.spyOn(console, each).mockImplementation(() => undefined),
  );
});

afterEach(() => {
  const warnings = complaints.flatMap((each) => each.mock.calls);
  for (const each of complaints) each.mockRestore();
  expect(warnings).toEqual([]);
});

/** All that is known of a user, or that it was rejected. */
function identity(xml: string): unknown {
  try {
    const { nameId, attributes, assertionId, issuer, sessionIndex, authnInstant } = verifyResponse(
      readMessage(encode(xml)),
      sp,
      idp,
      NOW,
    );
    return { nameId, attributes, assertionId, issuer, sessionIndex, authnInstant };
  } catch (error) {
    if (error instanceof SsoError) return 'refused';
    throw error;
  }
}

function unharmed(name: string, forged: string): void {
  const found = identity(forged);
  if (found !== 'refused') expect(found).toEqual(identity(signed.get(name) ?? ''));
}

const character = fc.oneof(
  fc.constantFrom(
    ...'<>&"\'/=:;#!?[]- \t\n\r\u00a0\u0085\u2028\ufeff\u0000a0_.',
    '&#65;',
    '<!---->',
    '<?p?>',
    '<x/>',
    '<![CDATA[]]>',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
);

test('a character that is put in, taken out or replaced changes no one', () => {
  const change = fc.record({
    name: fc.constantFrom(...names),
    at: fc.nat(),
    removed: fc.nat({ max: 2 }),
    character,
  });
  fc.assert(
    fc.property(change, ({ name, at, removed, character }) => {
      const xml = signed.get(name) ?? '';
      const start = at % xml.length;
      unharmed(name, xml.slice(0, start) + character + xml.slice(start + removed));
    }),
    { numRuns: 250 },
  );
});

/** An element as the parser read it, wherever it was: what was written around it has no part in it. */
function contentOf({ name, uri, attributes, text, children }: XmlElement): unknown {
  return { name, uri, attributes: [...attributes], text, children: children.map(contentOf) };
}

test('an element that is cut out of its message is read as it was read in it', () => {
  for (const xml of signed.values()) {
    for (const element of elementsOf(xml)) {
      expect(contentOf(parseXml(standalone(xml, element)))).toEqual(contentOf(element));
    }
  }
  const change = fc.record({ name: fc.constantFrom(...names), at: fc.nat(), what: fc.nat(), character });
  fc.assert(
    fc.property(change, ({ name, at, what, character }) => {
      const honestXml = signed.get(name) ?? '';
      const start = at % honestXml.length;
      const xml = honestXml.slice(0, start) + character + honestXml.slice(start);
      let elements: readonly XmlElement[];
      try {
        elements = elementsOf(xml);
      } catch {
        return;
      }
      const element = elements[what % elements.length] as XmlElement;
      expect(contentOf(parseXml(standalone(xml, element)))).toEqual(contentOf(element));
    }),
    { numRuns: 250 },
  );
});

/** Every element of a text, in the order in which they begin. */
function elementsOf(xml: string): readonly XmlElement[] {
  const list = (element: XmlElement): XmlElement[] => [element, ...element.children.flatMap(list)];
  return list(parseXml(xml));
}

test('an element that is copied, moved, or made another’s and put anywhere changes no one', () => {
  const change = fc.record({
    name: fc.constantFrom('OneLogin', 'SimpleSAMLphp', 'Keycloak', 'Okta'),
    what: fc.nat(),
    where: fc.nat(),
    place: fc.constantFrom('before', 'after', 'first', 'last', 'instead'),
    keep: fc.boolean(),
    another: fc.boolean(),
  });
  fc.assert(
    fc.property(change, ({ name, what, where, place, keep, another }) => {
      const xml = signed.get(name) ?? '';
      const elements = elementsOf(xml);
      const moved = elements[what % elements.length] as XmlElement;
      const target = elements[where % elements.length] as XmlElement;
      const text = xml.slice(moved.start, moved.end);
      const written =
        another && text.includes('>alice@example.com<') && / ID="/.test(text) ? evil(text) : text;
      const at = {
        before: target.start,
        after: target.end,
        first: xml.indexOf('>', target.start) + 1,
        last: xml.lastIndexOf('</', target.end - 1),
        instead: target.start,
      }[place];
      const end = place === 'instead' ? target.end : at;
      const pieces =
        keep || moved.start >= end || moved.end <= at ? [xml.slice(0, at), written, xml.slice(end)] : [xml];
      unharmed(name, pieces.join(''));
      if (!keep && moved.end <= at) {
        unharmed(name, xml.slice(0, moved.start) + xml.slice(moved.end, at) + written + xml.slice(end));
      }
    }),
    { numRuns: 250 },
  );
});
