import { SsoError } from '../sso/sso-error.ts';

/** What the answer must be: to our question, from the provider that we asked. */
export interface ExpectedResponse {
  readonly state: string;
  readonly issuer: string;
  /** Whether the provider announces that it always sends `iss` (RFC 9207 §3). */
  readonly issuerRequired: boolean;
}

const ONCE = ['code', 'state', 'iss', 'error', 'error_description', 'response'];
/** What other flows send, and no one asked for. */
const FOREIGN = ['response', 'id_token', 'access_token', 'token'];

/**
 * Reads an authorization response (RFC 6749 §4.1.2, RFC 9207 §2.4): first whether it answers our request, then
 * its issuer, then its content.
 * @returns the code
 * @throws SsoError `response_malformed`, `request_unknown`, `response_issuer_mismatch`, `provider_error`
 */
export function readAuthorizationResponse(parameters: URLSearchParams, expected: ExpectedResponse): string {
  const repeated = ONCE.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined) throw malformed(`The parameter ${repeated} came more than once.`);
  if (parameters.get('state') !== expected.state) {
    throw new SsoError('request_unknown', 'The state is not the one that was sent.');
  }
  const issuer = parameters.get('iss');
  if (issuer === null && expected.issuerRequired) {
    throw new SsoError(
      'response_issuer_mismatch',
      'The parameter iss is missing; the provider’s description promises it.',
    );
  }
  if (issuer !== null && issuer !== expected.issuer) {
    throw new SsoError('response_issuer_mismatch', 'The parameter iss names another provider.');
  }
  const error = parameters.get('error');
  if (error !== null) {
    throw new SsoError('provider_error', describeError(error, parameters.get('error_description')));
  }
  const foreign = FOREIGN.find((name) => parameters.has(name));
  if (foreign !== undefined) throw malformed(`The parameter ${foreign} belongs to a flow that is not used.`);
  const code = parameters.get('code') ?? '';
  if (code === '') throw malformed('The parameter code is missing.');
  return code;
}

/**
 * An OAuth error for a trace. Of the description only Entra's number is kept: the rest may hold names.
 * @param error RFC 6749 §4.1.2.1, §5.2
 */
export function describeError(error: string, description: string | null | undefined): string {
  const code = /^[\w.-]{1,64}$/.test(error) ? error : 'an error without a usable code';
  const number = /\bAADSTS\d{4,10}\b/.exec(description ?? '')?.[0];
  return number === undefined ? code : `${code} (${number})`;
}

const malformed = (detail: string): SsoError => new SsoError('response_malformed', detail);
