import type { PageConnection } from './site.ts';

const TEAM = 'Keycloak Team';
const ROLES = ['kc-trainers', 'kc-leads'];

/** The realm as it is imported: three users with groups and roles, and a client that speaks OpenID Connect. */
export const realmWith = (connection: PageConnection): object => ({
  roles: { realm: ROLES.map((name) => ({ name })) },
  groups: [{ name: TEAM }],
  users: ['gina', 'hugo', 'ivy'].map((username) => ({
    username,
    enabled: true,
    email: `${username}@kc.example`,
    emailVerified: true,
    firstName: `${username[0]?.toUpperCase()}${username.slice(1)}`,
    lastName: 'Keycloak',
    credentials: [{ type: 'password', value: `${username}-pass` }],
    groups: [`/${TEAM}`],
    realmRoles: ROLES,
  })),
  clients: [oidcClient(connection)],
});

function oidcClient(connection: PageConnection): object {
  return {
    clientId: 'rollcall',
    protocol: 'openid-connect',
    publicClient: false,
    standardFlowEnabled: true,
    directAccessGrantsEnabled: false,
    frontchannelLogout: false,
    clientAuthenticatorType: 'client-jwt',
    redirectUris: [connection.address('redirectUri')],
    attributes: {
      'use.jwks.url': 'true',
      'jwks.url': connection.address('jwksUri'),
      'pkce.code.challenge.method': 'S256',
      'post.logout.redirect.uris': connection.address('postLogoutRedirectUri'),
      'backchannel.logout.url': connection.address('backchannelLogoutUri'),
      'backchannel.logout.session.required': 'true',
    },
    protocolMappers: [
      {
        name: 'groups',
        protocol: 'openid-connect',
        protocolMapper: 'oidc-group-membership-mapper',
        config: { 'claim.name': 'groups', 'full.path': 'false', 'id.token.claim': 'true' },
      },
    ],
  };
}

/** What the SAML client has beside what Keycloak reads in our metadata; its roles come by a scope that all have. */
export const SAML_MAPPERS: readonly object[] = [
  property('email', 'email'),
  property('displayName', 'firstName'),
];

function property(attribute: string, of: string): object {
  return {
    name: attribute,
    protocol: 'saml',
    protocolMapper: 'saml-user-property-mapper',
    config: { 'attribute.name': attribute, 'attribute.nameformat': 'Basic', 'user.attribute': of },
  };
}
