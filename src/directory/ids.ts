import { parseUuid } from '../platform/ids.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/**
 * The organization that a verified credential or a job row belongs to. Every store function takes one, so a
 * query without an organization does not compile.
 */
export type OrgId = Branded<'OrgId'>;
export type UserId = Branded<'UserId'>;
export type GroupId = Branded<'GroupId'>;
export type ConnectionId = Branded<'ConnectionId'>;

/** Reads an id that a client wrote. @returns undefined if it cannot be one, so that nothing has it. */
export function parseUserId(text: string): UserId | undefined {
  return parseUuid(text) as UserId | undefined;
}

/** Reads an id that a client wrote. @returns undefined if it cannot be one, so that nothing has it. */
export function parseGroupId(text: string): GroupId | undefined {
  return parseUuid(text) as GroupId | undefined;
}

/** Reads an id that a client wrote. @returns undefined if it cannot be one, so that nothing has it. */
export function parseConnectionId(text: string): ConnectionId | undefined {
  return parseUuid(text) as ConnectionId | undefined;
}
