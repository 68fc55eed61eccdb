import { type Break, breaksOf } from '../break.ts';

const FORGERIES = 'test/sso/saml/forgeries.test.ts';
const RESPONSE = 'test/sso/saml/response.test.ts';

/** SAML: what is read is what the provider signed, for us, now. */
export const samlBreaks: readonly Break[] = [
  ...breaksOf(
    'src/saml/response.ts',
    [FORGERIES, RESPONSE],
    [
      "if (certificate === undefined) throw new SsoError('unsigned');",
      '',
      'A response without a signature signs in.',
    ],
    [
      'const response = outer?.element ?? root;',
      'const response = root;',
      'Of a signed response more is read than was signed.',
    ],
  ),
  ...breaksOf(
    'src/saml/response.ts',
    ['test/sso/saml/decryption.test.ts'],
    ['    checkPlaces(decrypted.element);\n', '', 'An encrypted assertion contains a second one.'],
    [
      "if (encryption === 'required') throw new SsoError('encryption_required');",
      '',
      'A plain assertion is accepted where encryption is required.',
    ],
  ),
  ...breaksOf(
    'src/saml/assertion.ts',
    [FORGERIES, RESPONSE],
    [
      "checkIssuer(child(assertion, SAML, 'Issuer'), idp.entityId);",
      '',
      'An assertion of another issuer signs in.',
    ],
    [
      "if (conditions === undefined) throw new SsoError('audience_mismatch', 'no Conditions');",
      'if (conditions !== undefined)',
      'An assertion without conditions signs in.',
    ],
    [
      '  checkConfirmation(subject, { acsUrl: sp.acsUrl, inResponseTo, now });\n',
      '',
      'An assertion that was confirmed for another application signs in.',
    ],
    [
      'issued.getTime() + MAX_AGE + SKEW',
      'issued.getTime()',
      'An assertion is accepted once more after its use was forgotten.',
    ],
  ),
  ...breaksOf(
    'src/saml/assertion.ts',
    [FORGERIES, RESPONSE],
    [
      'if (matches.length === 0 || matches.includes(false))',
      'if (matches.includes(false))',
      'An assertion without an audience signs in.',
    ],
    [
      'if (matches.length === 0 || matches.includes(false))',
      'if (!matches.includes(true))',
      'One of two audience restrictions is enough.',
    ],
    [
      "checkPeriod(now, timeOf(conditions, 'NotBefore'), timeOf(conditions, 'NotOnOrAfter'), 'Conditions');",
      '',
      'An expired assertion signs in.',
    ],
  ),
  ...breaksOf(
    'src/saml/assertion.ts',
    [FORGERIES, RESPONSE],
    [
      "if (attribute(data, 'Recipient') !== expected.acsUrl)\n    throw",
      "if (attribute(data, 'Recipient') === undefined)\n    throw",
      'An assertion for another recipient signs in.',
    ],
  ),
  ...breaksOf(
    'src/saml/envelope.ts',
    [FORGERIES, 'test/sso/saml/decryption.test.ts'],
    [
      'if (destination !== sp.acsUrl && (signed || destination !== undefined)) {',
      'if (destination === "nowhere") {',
      'A response that was sent to another application signs in.',
    ],
    [
      'if (assertions.length !== 1) throw',
      'if (assertions.length < 1) throw',
      'A response with two assertions is accepted.',
    ],
    [
      "if (codes[0] !== 'Success') throw",
      "if (codes[0] === '') throw",
      'A response that says that the sign-in failed signs in.',
    ],
    ['  checkPlaces(root);\n', '', 'A signed assertion is wrapped in a forged one.'],
  ),
  ...breaksOf(
    'src/saml/signature.ts',
    [FORGERIES, 'test/sso/saml/signature.test.ts'],
    [
      "if (certificate === undefined) throw new SsoError('signature_invalid');",
      'if (certificate === undefined) return { element, text: xml, certificate: usable[0] as IdpCertificate };',
      'A signature of any key is accepted.',
    ],
    ['  checkIds(element);\n', '', 'Two elements have the ID that was signed.'],
  ),
  ...breaksOf(
    'src/saml/signature-shape.ts',
    [FORGERIES, 'test/sso/saml/signature.test.ts'],
    [
      "if (id === undefined || attribute(reference, 'URI') !== `#${id}`) throw shape('Reference');",
      '',
      'A signature refers to another element.',
    ],
    [
      "if (!SIGNATURE_ALGORITHMS.has(algorithm)) throw refused('SignatureMethod', algorithm);",
      '',
      'A signature is made with an algorithm that was not chosen.',
    ],
  ),
  ...breaksOf(
    'src/saml/logout.ts',
    [
      'test/sso/saml/logout-request.test.ts',
      'test/sso/saml/logout-response.test.ts',
      'test/sso/saml/logout-forged.test.ts',
    ],
    [
      "if (attribute(root, 'Destination') !== destination) {",
      "if (attribute(root, 'Destination') === undefined) {",
      'A logout request for another application ends sessions.',
    ],
    [
      "  checkIssuer(child(root, SAML, 'Issuer'), idp.entityId);\n",
      '',
      'A logout request of another issuer ends sessions.',
    ],
  ),
  ...breaksOf(
    'src/saml/logout.ts',
    ['test/sso/saml/logout-redirect.test.ts', 'test/sso/saml/logout-forged.test.ts'],
    [
      "if (certificate === undefined) throw new SsoError('signature_invalid');\n  return certificate;",
      'return (certificate ?? usable[0]) as IdpCertificate;',
      'A message in a URL needs no signature.',
    ],
    ['maxOutputLength: MAX_MESSAGE,', '', 'A small message unpacks to gigabytes.'],
    [
      "const signed = [parameter, 'RelayState', 'SigAlg']",
      "const signed = [parameter, 'SigAlg']",
      'The relay state of a message is not covered by its signature.',
    ],
  ),
  ...breaksOf(
    'src/saml/envelope.ts',
    [RESPONSE, FORGERIES],
    [
      'now.getTime() >= until.getTime() + SKEW',
      'now.getTime() >= until.getTime() + 60 * SKEW',
      'An assertion is accepted for an hour after its end.',
    ],
  ),
];
