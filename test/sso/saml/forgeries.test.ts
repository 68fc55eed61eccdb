import { beforeAll, describe, expect, test } from '@jest/globals';
import { readMessage } from '../../../src/saml/bindings.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from '../../../src/saml/envelope.ts';
import { type VerifiedAssertion, verifyResponse } from '../../../src/saml/response.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { processorTime } from '../../support/processor-time.ts';
import { honest, NOW, SP } from '../../support/saml/content.ts';
import { CONDITIONS } from '../../support/saml/forgeries/conditions.ts';
import type { Forgery, Loot } from '../../support/saml/forgeries/forgery.ts';
import { PARTIES } from '../../support/saml/forgeries/parties.ts';
import { ALGORITHMS, KEYS, SHAPES } from '../../support/saml/forgeries/signatures.ts';
import { FIELDS, TEXTS } from '../../support/saml/forgeries/texts.ts';
import { WRAPPING } from '../../support/saml/forgeries/wrapping.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { encode, PROVIDERS, type Provider, signAs, writeResponse } from '../../support/saml/providers.ts';

const content = honest();
let party: Party;
let attacker: Party;
let idp: SamlIdentityProvider;
const sp: SamlServiceProvider = { ...SP, decryptionKeys: [] };

beforeAll(async () => {
  [party, attacker] = await Promise.all([makeParty(), makeParty({ name: 'CN=mallory' })]);
  idp = { entityId: content.issuer, certificates: [party], encryption: 'off' };
});

/** As SimpleSAMLphp writes, which has a prefix for everything. */
function providerThatSigns(what: Forgery['signs']): Provider {
  const signs = {
    assertion: ['Assertion'],
    response: ['Response'],
    both: ['Assertion', 'Response'],
  } as const;
  return { ...(PROVIDERS['SimpleSAMLphp'] as Provider), signs: signs[what] };
}

const loots = new Map<Forgery['signs'], Loot>();

function lootOf(signs: Forgery['signs']): Loot {
  const loot = loots.get(signs) ?? makeLoot(signs);
  loots.set(signs, loot);
  return loot;
}

function makeLoot(signs: Forgery['signs']): Loot {
  const provider = providerThatSigns(signs);
  const signed: Loot['signed'] = (change, style, by = party) =>
    signAs(
      { ...provider, style: { ...provider.style, ...style } },
      change(writeResponse(provider, content)),
      by,
    );
  return { party, attacker, content, signed, xml: signed((xml) => xml) };
}

/** The reason and the detail of a rejection, or what was accepted. */
function errorOf(verify: () => VerifiedAssertion): { reason: string; detail: string } {
  try {
    return { reason: 'accepted', detail: JSON.stringify(verify()) };
  } catch (error) {
    if (error instanceof SsoError) return { reason: error.reason, detail: error.message };
    throw error;
  }
}

describe.each(Object.entries({ WRAPPING, KEYS, ALGORITHMS, SHAPES, TEXTS, PARTIES, CONDITIONS }))(
  '%s',
  (_, forgeries) => {
    test.each(Object.entries(forgeries))('%s', (_name, forgery) => {
      const loot = lootOf(forgery.signs);
      expect(verifyResponse(readMessage(encode(loot.xml)), sp, idp, NOW).nameId.value).toBe(
        'alice@example.com',
      );

      const forged = forgery.forge(loot);
      const message = Buffer.from(forged as string).toString('base64');
      const elsewhere = forgery.elsewhere?.(loot) ?? {};
      const verify = () =>
        verifyResponse(
          readMessage(message),
          { ...sp, ...elsewhere.sp },
          { ...idp, ...elsewhere.idp },
          elsewhere.now ?? NOW,
        );
      const refusal = errorOf(verify);
      expect(refusal.reason).toBe(forgery.reason);
      if (forgery.detail) expect(refusal.detail).toMatch(forgery.detail);
      expect(processorTime(() => errorOf(verify), 100)).toBeLessThan(100);
    });
  },
);

describe('FIELDS', () => {
  test.each(Object.entries(FIELDS))('%s', (_name, { reason, post }) => {
    const message = post(lootOf('both').xml);
    const verify = () => verifyResponse(readMessage(message), sp, idp, NOW);
    const refusal = errorOf(verify);
    expect(refusal.reason).toBe(reason);
    expect(processorTime(() => errorOf(verify), 100)).toBeLessThan(100);
  });
});
