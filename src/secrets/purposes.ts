import { streamKeyPurpose } from '../audit-streams/secrets.ts';
import { historyKeyPurpose } from '../history/bundle/signing.ts';
import { ANSWER_PURPOSE, RESULT_PURPOSE } from '../idempotency/idempotency-store.ts';
import { MAIL_PURPOSE } from '../notifications/mails.ts';
import { TOTP_PURPOSE } from '../sign-in/second-factor.ts';
import { LOGOUT_HINT_PURPOSE } from '../sso/login/provider-session.ts';
import { requestPurpose } from '../sso/login/sso-logins.ts';
import { clientSecretPurpose, keyPurpose } from '../sso/secrets.ts';
import { webhookPurpose } from '../webhooks/secrets.ts';
import type { SealedPlaceName } from './store/sealed-values.ts';

/** What the text of a row is sealed for. Parts of the key: those of the row's primary key, in its order. */
export const SEALED_PURPOSES: Readonly<Record<SealedPlaceName, (key: readonly string[]) => string>> = {
  authenticators: () => TOTP_PURPOSE,
  webhookSecrets: ([, webhook = '']) => webhookPurpose(webhook),
  previousWebhookSecrets: ([, webhook = '']) => webhookPurpose(webhook),
  clientSecrets: ([, connection = '']) => clientSecretPurpose(connection),
  privateKeys: ([, connection = '', key = '']) => keyPurpose(connection, key),
  historyKeys: ([org = '', key = '']) => historyKeyPurpose(org, key),
  auditStreamKeys: ([, stream = '']) => streamKeyPurpose(stream),
  mails: () => MAIL_PURPOSE,
  logoutHints: () => LOGOUT_HINT_PURPOSE,
  requests: ([, , key = '']) => requestPurpose(key),
  answers: () => ANSWER_PURPOSE,
  results: () => RESULT_PURPOSE,
};

/** The places, in the order in which they are worked through. */
export const SEALED_PLACE_NAMES = Object.keys(SEALED_PURPOSES) as readonly SealedPlaceName[];
