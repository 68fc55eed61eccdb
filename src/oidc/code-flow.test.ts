import { describe, expect, test } from '@jest/globals';
import { SsoError } from '../sso/sso-error.ts';
import { describeError, readAuthorizationResponse } from './code-flow.ts';

const expected = { state: 's', issuer: 'https://idp.example', issuerRequired: false };
const iss = encodeURIComponent(expected.issuer);

function refusal(query: string, issuerRequired = false): { reason: string; message: string } {
  try {
    readAuthorizationResponse(new URLSearchParams(query), { ...expected, issuerRequired });
  } catch (error) {
    if (error instanceof SsoError) return { reason: error.reason, message: error.message };
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('an authorization response', () => {
  test('contains a code', () => {
    const read = (query: string, issuerRequired: boolean) =>
      readAuthorizationResponse(new URLSearchParams(query), { ...expected, issuerRequired });
    expect(read('code=c&state=s', false)).toBe('c');
    expect(read(`code=c&state=s&iss=${iss}&session_state=x`, true)).toBe('c');
  });

  test.each([
    'code=c',
    'code=c&state=',
    'code=c&state=t',
    'code=c&state=S',
    'error=access_denied&state=t',
    '',
  ])('to a question that was not asked is not ours: %s', (query) => {
    expect(refusal(query).reason).toBe('request_unknown');
  });

  test.each([
    'code=c&state=s&iss=https://other.example',
    `code=c&state=s&iss=${iss}/`,
    'code=c&state=s&iss=',
    'error=access_denied&state=s&iss=https://other.example',
  ])('of another provider is not looked at: %s', (query) => {
    expect(refusal(query).reason).toBe('response_issuer_mismatch');
  });

  test('without an issuer is rejected where it was promised, and an error no less than a code', () => {
    expect(refusal('code=c&state=s', true).reason).toBe('response_issuer_mismatch');
    expect(refusal('error=access_denied&state=s', true).reason).toBe('response_issuer_mismatch');
  });

  test.each(['code=c&code=d&state=s', 'code=c&state=s&state=t', `code=c&state=s&iss=${iss}&iss=x`])(
    'with a repeated parameter is rejected: %s',
    (query) => {
      expect(refusal(query).reason).toBe('response_malformed');
    },
  );

  test.each(['state=s', 'code=&state=s', 'code=c&state=s&id_token=t', 'code=c&state=s&response=jarm'])(
    'of another flow, or without a code, is rejected: %s',
    (query) => {
      expect(refusal(query).reason).toBe('response_malformed');
    },
  );

  test('that is an error reports its code and not the user', () => {
    const query =
      'state=s&error=access_denied&error_description=AADSTS50105:%20anna@example.com%20is%20not%20assigned';
    expect(refusal(query)).toEqual({ reason: 'provider_error', message: 'access_denied (AADSTS50105)' });
  });
});

test.each([
  ['', 'an error without a usable code'],
  ['<script>', 'an error without a usable code'],
  ['x'.repeat(65), 'an error without a usable code'],
  ['invalid_grant', 'invalid_grant'],
])('the error %j is described as %j', (error, described) => {
  expect(describeError(error, undefined)).toBe(described);
});
