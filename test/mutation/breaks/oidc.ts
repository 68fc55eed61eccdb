import { type Break, breaksOf } from '../break.ts';

const FORGED = 'test/sso/oidc/forged-tokens.test.ts';
const PARTY = 'test/sso/oidc/relying-party.test.ts';

/** OpenID Connect: tokens of this provider, for this client, this sign-in, now. */
export const oidcBreaks: readonly Break[] = [
  ...breaksOf(
    'src/oidc/tokens.ts',
    ['src/oidc/tokens.test.ts', FORGED, 'test/sso/oidc/changed-tokens.test.ts'],
    ['    audience: clientId,\n', '', 'A token for another client signs in.'],
    ['    issuer: metadata.issuer,\n', '', 'A token of another issuer signs in.'],
    [
      'metadata.id_token_signing_alg_values_supported.filter((name) => ALGORITHMS.has(name))',
      '[...metadata.id_token_signing_alg_values_supported]',
      'A token that is signed with a published secret signs in.',
    ],
    ['    maxTokenAge: MAX_AGE_SECONDS,\n', '', 'A token of last week signs in.'],
    [
      "if (!hasCanonicalSignature(token)) throw new SsoError(reason, 'Invalid Compact JWS');",
      '',
      'One token has two spellings, so that it is accepted twice.',
    ],
  ),
  ...breaksOf(
    'src/oidc/tokens.ts',
    [FORGED, PARTY, 'test/sso/npm-providers.test.ts'],
    [
      "if (claims['nonce'] !== nonce) throw new SsoError('token_invalid', 'unexpected \"nonce\" claim value');",
      '',
      'A token of another sign-in signs in.',
    ],
    [
      'if (azp === undefined ? manyAudiences : azp !== clientId) {',
      'if (azp === undefined && manyAudiences) {',
      'A token that was issued to another client signs in.',
    ],
    [
      'if (azp === undefined ? manyAudiences : azp !== clientId) {',
      'if (azp !== undefined && azp !== clientId) {',
      'A token for many clients signs in.',
    ],
    [
      '  if (authTime < earliest) {',
      '  if (authTime < 0) {',
      'An authentication of yesterday is accepted as a new one.',
    ],
  ),
  ...breaksOf(
    'src/oidc/code-flow.ts',
    ['src/oidc/code-flow.test.ts', PARTY],
    [
      "if (parameters.get('state') !== expected.state) {",
      "if (parameters.get('state') === null) {",
      'The answer to another sign-in is accepted.',
    ],
    [
      'if (issuer !== null && issuer !== expected.issuer) {',
      "if (issuer === '') {",
      'The answer of another provider is accepted.',
    ],
  ),
  ...breaksOf(
    'src/oidc/claims.ts',
    ['src/oidc/claims.test.ts'],
    [
      'const claimed = email[name] ?? (sameEmail ? userinfo[name] : undefined);',
      'const claimed = email[name] ?? userinfo[name];',
      'An address is taken for verified because another one is.',
    ],
  ),
  ...breaksOf(
    'src/oidc/logout.ts',
    ['test/sso/oidc/logout-token.test.ts'],
    [
      "if (Object.hasOwn(claims, 'nonce')) throw invalid('unexpected \"nonce\" claim');",
      '',
      'An ID token ends sessions.',
    ],
    [
      'if (!isObject(events) || !isObject(events[EVENT])) throw invalid(\'unexpected "events" claim value\');',
      '',
      'Any token of the provider ends sessions.',
    ],
  ),
  ...breaksOf(
    'src/oidc/provider-keys.ts',
    ['test/sso/oidc/provider-keys.test.ts', FORGED],
    [
      'if (age >= STALE_MS) return reload();',
      '',
      'A withdrawn key is valid forever while the provider cannot be reached.',
    ],
  ),
  ...breaksOf(
    'src/oidc/claims.ts',
    ['src/oidc/claims.test.ts'],
    [
      "if (issuer === GOOGLE && (claims.get('hd')",
      "if (issuer === '' && (claims.get('hd')",
      'A private Google account signs in.',
    ],
  ),
];
