import type { ConnectionId, OrgId } from '../../directory/ids.ts';

/** Something that a request changed: the action of its event, and what the words need. */
export interface LoggedChange {
  /** Such as `user.updated` or `group.member_added`. */
  readonly action: string;
  /** Names of attributes that changed. */
  readonly attributes?: readonly string[];
  /** How many members were added or removed. */
  readonly count?: number;
  /** The value after, where it is no personal one: a role. */
  readonly to?: string;
}

/** Why a request was rejected. */
export interface LoggedError {
  /** The code of a domain error, else SCIM's own `scimType`, else undefined. */
  readonly code: string | undefined;
  readonly detail: string;
}

/** A token that is not valid any more, and whose it was. */
export interface RejectedToken {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly code: 'token_expired' | 'token_revoked';
}

/** What became of the operations of a Bulk. */
export interface BulkCounts {
  readonly operations: number;
  readonly failed: number;
  /** Those behind the number of errors at which the client wanted it to end; or those left when it closed the connection. */
  readonly notTried: number;
}

/** What is collected of a SCIM request while it is answered. */
export interface ScimExchange {
  /** The body as it came in. */
  sent?: Buffer;
  /** The body that was sent back, or its beginning; and how many characters and bytes it has in all. */
  answered?: { text: string; characters: number; bytes: number };
  error?: LoggedError;
  changes?: readonly LoggedChange[];
  /** The user or the group that was created or named in the path. */
  target?: readonly ['user' | 'group', string] | undefined;
  quirks?: ReadonlySet<string>;
  /** Of a Bulk that was carried out. */
  bulk?: BulkCounts;
  /** Lets the log have an operation of a Bulk as a row of its own. */
  logOperation?: (operation: AnsweredOperation) => void;
}

/** A SCIM request that was answered, before what is secret is masked. */
export interface AnsweredRequest {
  readonly id: string;
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly method: string;
  /** Below the base URL, as it was sent, without its query. */
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string | undefined;
  readonly status: number;
  readonly ms: number;
  readonly userAgent: string | undefined;
  readonly ifMatch: string | undefined;
  /** The credential, which must not be in anything that is kept. */
  readonly token: string | undefined;
  readonly ignored: readonly string[];
  readonly notes: readonly string[];
  readonly exchange: ScimExchange;
  /** The request that this one repeats. */
  readonly replayOf?: string;
  /** The Bulk that this one is an operation of. */
  readonly partOf?: string;
}

/** An operation of a Bulk: whose it is, its Bulk knows. */
export type AnsweredOperation = Omit<
  AnsweredRequest,
  'org' | 'connection' | 'userAgent' | 'token' | 'replayOf' | 'partOf'
>;

/**
 * What became of a body: kept whole, cut at the limit, with secrets masked, left out since it could not be searched for
 * secrets, omitted since it answers a read that succeeded or is of a Bulk whose operations have theirs, or not there.
 */
export type BodyState = 'whole' | 'cut' | 'masked' | 'withheld' | 'omitted' | 'none';

/** A request as the log keeps it. */
export interface KeptRequest {
  readonly org: OrgId;
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  readonly connection: ConnectionId;
  readonly method: string;
  readonly path: string;
  readonly query: string | null;
  readonly status: number;
  readonly ms: number;
  readonly userAgent: string | null;
  readonly user: string | null;
  readonly group: string | null;
  readonly changes: readonly LoggedChange[] | null;
  readonly ignored: readonly string[] | null;
  readonly quirks: readonly string[] | null;
  readonly notes: readonly string[] | null;
  readonly errorCode: string | null;
  readonly detail: string | null;
  readonly ifMatch: string | null;
  readonly request: string | null;
  readonly requestState: BodyState;
  readonly requestBytes: number;
  readonly response: string | null;
  readonly responseState: BodyState;
  readonly responseBytes: number | null;
  /** Ids and names, in lower case, of whom the row is about. */
  readonly mentions: readonly string[];
  readonly replayOf: string | null;
  readonly partOf: string | null;
  readonly bulk: BulkCounts | null;
}

/** What the log notes of a request of a connection in a dry run; by it the report finds them. */
export const DRY_RUN_NOTE = 'Dry run: nothing was written.';
