import { ScimError } from './errors.ts';

/** Three parts in base64url, of which the first is a JSON object. */
const jsonWebToken = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/**
 * The 401 for a request without a valid token.
 * @param token what was sent in place of one; undefined if there was none, or another scheme such as Basic
 */
export function unauthorized(token: string | undefined): ScimError {
  const error = token === undefined ? '' : ', error="invalid_token"';
  return new ScimError(401, undefined, reasonOf(token), {
    'WWW-Authenticate': `Bearer realm="SCIM"${error}`,
  });
}

function reasonOf(token: string | undefined): string {
  if (token === undefined) {
    return 'Send the token of your SCIM connection: Authorization: Bearer <token>.';
  }
  if (token.startsWith('rollcall_key_')) {
    return 'This is an API key, which SCIM does not accept: enter the token of a SCIM connection.';
  }
  // Entra ID sends one of its own if the field for the secret token is empty.
  if (jsonWebToken.test(token)) {
    return 'This is a JSON Web Token, which SCIM does not accept: enter the token of a SCIM connection as the secret token.';
  }
  return 'The token is unknown, expired or revoked: issue a new one for the connection.';
}
