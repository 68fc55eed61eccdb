import { BINDING_URIS } from './bindings.ts';
import { type Endpoint, type SentMessage, sendMessage } from './sending.ts';
import type { ServiceProviderKey } from './service-provider-keys.ts';
import { element } from './xml-writer.ts';

/** A sign-in that begins here. */
export interface AuthnRequest {
  readonly sp: { readonly entityId: string; readonly acsUrl: string };
  readonly idp: Endpoint;
  /** Whether the user has to prove again who they are. */
  readonly forceAuthn: boolean;
  /** Undefined: the provider chooses, which is what most of them want. */
  readonly nameIdFormat: string | undefined;
  /** Opaque, at most 80 octets (Bindings §3.4.3). */
  readonly relayState: string;
  /** Undefined: the request is not signed. */
  readonly signWith: ServiceProviderKey | undefined;
  readonly now: Date;
}

/** Builds the request that takes a browser to its provider (Core §3.4.1, Profiles §4.1.4.1). */
export function buildAuthnRequest({
  sp,
  idp,
  forceAuthn,
  nameIdFormat,
  relayState,
  signWith,
  now,
}: AuthnRequest): SentMessage {
  const policy = { Format: nameIdFormat, AllowCreate: 'true' };
  return sendMessage({
    parameter: 'SAMLRequest',
    name: 'samlp:AuthnRequest',
    attributes: {
      AssertionConsumerServiceURL: sp.acsUrl,
      ProtocolBinding: BINDING_URIS.post,
      ForceAuthn: forceAuthn ? 'true' : undefined,
    },
    content: [nameIdFormat === undefined ? undefined : element('samlp:NameIDPolicy', policy)],
    issuer: sp.entityId,
    to: idp,
    relayState,
    key: signWith,
    now,
  });
}
