import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Client } from '../directory/actor.ts';
import type { DomainErrorCode } from '../directory/errors.ts';
import type { ConnectionId, GroupId, UserId } from '../directory/ids.ts';
import type { Entity } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { Permission } from '../directory/roles/rules/permissions.ts';
import type { LiveSession } from '../sign-in/sessions.ts';

/** What an id in a path is the id of; a test makes one of each in another organization and asks for it. */
export type EntityKind = Exclude<
  Entity,
  'sso_certificate' | 'sso_domain' | 'identity' | 'job_function' | 'logo'
>;

/**
 * Who may call the route: anyone, signed-in users, holders of a set-up link only, or holders of a permission at least for some target. The
 * command decides how far the permission reaches.
 */
export type Access = 'public' | 'signed in' | 'set-up link' | Permission;

/** The ids that have a type of their own; ids of other kinds are texts. */
interface TypedIds {
  readonly user: UserId;
  readonly member: UserId;
  readonly group: GroupId;
  readonly sso_connection: ConnectionId;
  readonly scim_connection: ConnectionId;
}
type IdOf<Kind> = Kind extends keyof TypedIds ? TypedIds[Kind] : string;

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** What is in the path: ids of the kinds that the declaration names, in lower case and of the form of one, else text. */
export type PathParams<Path extends string, Kinds> = {
  readonly [Name in NamesIn<Path>]: Name extends keyof Kinds ? IdOf<Kinds[Name]> : string;
};

/** Who calls, and the session behind it: of a public route no one; of an API key there is no session. */
type CallerOf<Of extends Access, SessionOnly> = Of extends 'public'
  ? unknown
  : {
      readonly by: Authority;
      readonly session: SessionOnly extends true ? LiveSession : LiveSession | undefined;
    };

/** What every handler gets. */
interface CommonRequest {
  readonly requestId: string;
  readonly client: Client;
  /** The versions of `If-Match`, without quotes; undefined if the client set no condition. */
  readonly ifMatch: readonly string[] | undefined;
  /** For a route that reads the body by itself. */
  readonly raw: IncomingMessage;
}

/** A request that a route's declaration has read and found good. */
export type RouteRequest<Params, Query, Body, Of extends Access, SessionOnly> = CommonRequest &
  CallerOf<Of, SessionOnly> & {
    readonly params: Params;
    readonly query: Query;
    readonly body: Body;
  };

/** A session begins or ends; or that of a demonstration, beside the one that it is opened from. */
export type SessionChange =
  | { readonly token: string }
  | 'clear'
  | { readonly demonstration: string }
  | 'leave';

/** What a handler answers. */
export interface RouteAnswer<Status extends number = number> {
  readonly status: Status;
  /** Shaped by the declaration of that status. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The version of what is answered, for `ETag`. */
  readonly version?: string | number;
  /** A text or bytes instead of JSON; `Content-Type` is among the headers. */
  readonly content?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** A session begins or ends: the cookie follows. */
  readonly cookie?: SessionChange;
  /** The device cookie's new value. */
  readonly device?: string;
}

/** What an answer is: a JSON shape, another type of content, or nothing. */
export type AnswerShape = z.ZodType | { readonly content: string | readonly string[] } | 'nothing';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The answers that a route declares, by their statuses. */
type AnswerShapes = Readonly<Record<number, AnswerShape>>;

/** What a declaration says of a route, apart from what its handler does. */
interface Declaration {
  readonly method: Method;
  /** Below `/api/v1`, with names in braces: `/users/{id}`. */
  readonly path: string;
  readonly tag: string;
  /** A few words in the imperative. */
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** API keys are not accepted: what is behind it is for a user who sits there. */
  readonly sessionOnly?: boolean;
  /** What each name in the path is the id of; a name that is not here is a text of its own kind. */
  readonly params?: Readonly<Record<string, EntityKind>>;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Bytes that the body may have; 1 MiB by default. */
  readonly bodyLimit?: number;
  /** The handler reads the body from `raw`: its media type. */
  readonly rawBody?: string;
  readonly answers: AnswerShapes;
  /** The answer has an `ETag`. */
  readonly etag?: true;
  /** The answer has a `Location`. */
  readonly location?: true;
  /** Rejections of its own; those that any route may give are not listed. */
  readonly errors?: readonly DomainErrorCode[];
}

/** A route whose types have done their work. */
export interface Route extends Declaration {
  handle(request: AnyRequest): Promise<RouteAnswer>;
}

/** A request as the router makes it, which gives each handler what its declaration promises. */
export type AnyRequest = RouteRequest<
  Readonly<Record<string, string>>,
  unknown,
  unknown,
  'public',
  boolean
> & {
  readonly by: Authority | undefined;
  readonly session: LiveSession | undefined;
};

/**
 * Declares a route: one declaration validates, guards and documents it, and types what its handler gets. Names of the
 * path are ids of their kinds, there is a caller only where access demands one, and no status can be answered but those
 * of `answers`.
 */
export function route<
  const Path extends string,
  const Of extends Access,
  const Status extends number,
  Query extends z.ZodType,
  Body extends z.ZodType,
  const Kinds extends Readonly<Record<string, EntityKind>> = Readonly<Record<never, never>>,
  const SessionOnly extends boolean = false,
>(
  spec: Declaration & {
    readonly path: Path;
    readonly access: Of;
    readonly sessionOnly?: SessionOnly;
    readonly params?: Kinds;
    readonly query?: Query;
    readonly body?: Body;
    readonly answers: Readonly<Record<Status, AnswerShape>>;
    handle(
      request: RouteRequest<PathParams<Path, Kinds>, z.output<Query>, z.output<Body>, Of, SessionOnly>,
    ): Promise<RouteAnswer<NoInfer<Status>>>;
  },
): Route {
  return spec as unknown as Route;
}
