/** What an error means to the administrator of the directory, and what to do about it. */
export interface Advice {
  readonly meaning: string;
  readonly remedy: string;
}

const BY_CODE: Readonly<Record<string, Advice>> = {
  token_expired: {
    meaning: 'The token of the request has expired.',
    remedy: 'Issue another token for this connection and enter it at the identity provider.',
  },
  token_revoked: {
    meaning: 'The token of the request was revoked.',
    remedy: 'Issue another token for this connection and enter it at the identity provider.',
  },
  user_name_taken: {
    meaning: 'Another user of this organization has the same userName.',
    remedy:
      'Find the user with this userName; rename or delete the one that should not have it, or unassign the person in one of the two directories.',
  },
  email_taken: {
    meaning: 'Another user of this organization has the same e-mail address.',
    remedy:
      'Change the address of one of the two, or turn off "uniqueEmails" of this connection to let users share an address.',
  },
  group_name_taken: {
    meaning: 'Another group of this organization has the same name.',
    remedy: 'Rename one of the two groups, or link the pushed group to the existing one.',
  },
  unknown_member: {
    meaning: 'The request names members who do not exist here.',
    remedy: 'Provision the users first: assign them to the application, then push the group again.',
  },
  invalid_role: {
    meaning: 'The directory sent a role that does not exist here.',
    remedy:
      'Say what it means in the role aliases of this connection and replay the request, or correct the mapping of "roles" in the directory.',
  },
  value_too_long: {
    meaning: 'A name is longer than it may be.',
    remedy: 'Shorten the value in the directory, or map another attribute to it.',
  },
  last_owner: {
    meaning: 'The request would have left the organization without an active owner.',
    remedy: 'Make another user an owner first; keep one owner outside of provisioning.',
  },
  owner_address: {
    meaning: 'Provisioning does not change the userName or the address that an owner signs in with.',
    remedy: 'Let another owner take the ownership away first, or send the values as they are.',
  },
  mass_change_held: {
    meaning:
      'The connection would have taken access from an unusual share of its users, and such changes are held.',
    remedy:
      'Allow the mass change on the page of the connection if it is meant, or correct the assignments in the directory.',
  },
  not_found: {
    meaning: 'There is no user or group with this id here.',
    remedy: 'Let the identity provider match the account again: unassign it and assign it once more.',
  },
  bulk_reference: {
    meaning: 'The operation needs what another operation of the same Bulk was to create, and that failed.',
    remedy: 'Look at the other operation, mend why it failed, and let the identity provider send both again.',
  },
  version_mismatch: {
    meaning: 'The user or group changed after the version that the request was made for.',
    remedy:
      'Nothing, if the identity provider reads it again and repeats the change; else replay the request.',
  },
  contended: {
    meaning: 'Other requests changed the same user or group at the same time.',
    remedy: 'Replay the request, or wait until the identity provider repeats it.',
  },
  invalidFilter: {
    meaning: 'The filter of the request is not one that this server can read.',
    remedy: 'Correct the matching attribute or the filter at the identity provider as the detail says.',
  },
  invalidSyntax: {
    meaning: 'The body is not the JSON that SCIM asks for.',
    remedy:
      'Correct the attribute mapping that the detail names; of a connection in strict mode, turn strict mode off.',
  },
  invalidPath: {
    meaning: 'The request changes an attribute that no schema has.',
    remedy: 'Remove the attribute from the mapping, or add a schema that has it (docs/extension-schemas.md).',
  },
  invalidValue: {
    meaning: 'A value does not have the type or the form of its attribute.',
    remedy: 'Correct the mapping of the attribute that the detail names.',
  },
  noTarget: {
    meaning: 'The request changes an element that is not there.',
    remedy: 'Let the identity provider provision the user again as a whole.',
  },
  mutability: {
    meaning: 'The request changes an attribute that only this server sets, or that is set once.',
    remedy: 'Remove the attribute from the mapping.',
  },
  tooMany: {
    meaning: 'The search would find too much, or takes too long.',
    remedy: 'Let the identity provider ask for fewer results or by an attribute that is indexed.',
  },
  uniqueness: {
    meaning: 'Another user or group has a value that must be unique.',
    remedy: 'Change the value of one of the two.',
  },
};

const BY_STATUS: Readonly<Record<number, Advice>> = {
  401: {
    meaning: 'The token of the request is not valid.',
    remedy: 'Enter a valid token of this connection at the identity provider.',
  },
  403: {
    meaning: 'The request asks for something that this connection may not do.',
    remedy: 'Change the settings of the connection, or what the identity provider sends, as the detail says.',
  },
  404: {
    meaning: 'The address or the id of the request leads nowhere.',
    remedy:
      'Check that the base URL ends in /scim/v2, and let the identity provider match the account again.',
  },
  405: {
    meaning: 'The address does not take this method.',
    remedy: 'Turn the feature off at the identity provider that sends it.',
  },
  413: {
    meaning: 'The request is larger than this server reads.',
    remedy: 'Let the identity provider send less per request.',
  },
  415: {
    meaning: 'The body has a content type or an encoding that this server does not read.',
    remedy: 'Let the client send application/scim+json in UTF-8, uncompressed.',
  },
  429: {
    meaning: 'The connection sent more requests a second than it may.',
    remedy: 'Nothing, if the identity provider waits and repeats; else raise RATE_LIMIT_CONNECTION.',
  },
  499: {
    meaning: 'The client closed the connection before it had the answer: what it asked for may be done.',
    remedy: 'Raise the timeout at the identity provider if this recurs.',
  },
  501: {
    meaning: 'This server does not have the feature.',
    remedy: 'Turn the feature off at the identity provider.',
  },
  503: {
    meaning: 'The database was not available, or the server was busy.',
    remedy: 'Nothing, if the identity provider repeats the request; else replay it.',
  },
};

const CLIENT: Advice = {
  meaning: 'The request is not one that this server accepts.',
  remedy: 'Correct what the identity provider sends as the detail says.',
};
const OURS: Advice = {
  meaning: 'The server failed.',
  remedy: 'Look for the request id in the log of the server, then replay the request.',
};

/** @returns undefined for a request that succeeded */
export function adviceOn(status: number, code: string | null): Advice | undefined {
  if (status < 400) return undefined;
  const known = code !== null && Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  return known ?? BY_STATUS[status] ?? (status >= 500 ? OURS : CLIENT);
}
