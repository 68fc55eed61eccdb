import { type Endpoint, type SentMessage, sendMessage } from './sending.ts';
import type { ServiceProviderKey } from './service-provider-keys.ts';
import type { SamlNameId } from './subject.ts';
import { element } from './xml-writer.ts';

/** What both messages of single logout need: they are always signed (Profiles §4.4.4). */
interface Outgoing {
  readonly sp: { readonly entityId: string };
  /** For an answer, its own address if the provider has one (`ResponseLocation`). */
  readonly idp: Endpoint;
  readonly relayState: string | undefined;
  readonly signWith: ServiceProviderKey;
  readonly now: Date;
}

/** A session that ended here and is to end at the provider. */
export interface OutgoingLogoutRequest extends Outgoing {
  /** Exactly as the assertion had it. */
  readonly nameId: SamlNameId;
  /** Of the assertion; none: all sessions of the user. */
  readonly sessionIndexes: readonly string[];
}

/** What became of a request of the provider. */
export interface OutgoingLogoutResponse extends Outgoing {
  /** The ID of the request. */
  readonly inResponseTo: string;
  readonly outcome: LogoutOutcome;
}

/** Done, also where there was nothing to end; the request was at fault; or we were. */
export type LogoutOutcome = 'success' | 'requester' | 'responder';

const STATUS_CODES: Readonly<Record<LogoutOutcome, string>> = {
  success: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  requester: 'urn:oasis:names:tc:SAML:2.0:status:Requester',
  responder: 'urn:oasis:names:tc:SAML:2.0:status:Responder',
};

const LIFETIME_MS = 5 * 60_000;

/** Builds the request that ends a session at the provider (Core §3.7.1). */
export function buildLogoutRequest({
  nameId,
  sessionIndexes,
  now,
  ...outgoing
}: OutgoingLogoutRequest): SentMessage {
  const qualifiers = {
    Format: nameId.format,
    NameQualifier: nameId.nameQualifier,
    SPNameQualifier: nameId.spNameQualifier,
  };
  return sendMessage({
    ...common(outgoing),
    parameter: 'SAMLRequest',
    name: 'samlp:LogoutRequest',
    attributes: { NotOnOrAfter: new Date(now.getTime() + LIFETIME_MS).toISOString() },
    content: [
      element('saml:NameID', qualifiers, nameId.value),
      ...sessionIndexes.map((index) => element('samlp:SessionIndex', {}, index)),
    ],
    now,
  });
}

/** Builds the answer to a request of the provider (Core §3.7.2). */
export function buildLogoutResponse({
  inResponseTo,
  outcome,
  now,
  ...outgoing
}: OutgoingLogoutResponse): SentMessage {
  return sendMessage({
    ...common(outgoing),
    parameter: 'SAMLResponse',
    name: 'samlp:LogoutResponse',
    attributes: { InResponseTo: inResponseTo },
    content: [element('samlp:Status', {}, [element('samlp:StatusCode', { Value: STATUS_CODES[outcome] })])],
    now,
  });
}

function common({ sp, idp, relayState, signWith }: Omit<Outgoing, 'now'>) {
  return { issuer: sp.entityId, to: idp, relayState, key: signWith };
}
