import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Client } from '../directory/actor.ts';
import type { DomainErrorCode } from '../directory/errors.ts';
import type { Entity } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { Permission } from '../directory/roles/rules/permissions.ts';
import type { LiveSession } from '../sign-in/sessions.ts';

/** What an id in a path is the id of; a test makes one of each in another organization and asks for it. */
export type EntityKind = Exclude<Entity, 'sso_certificate' | 'sso_domain' | 'identity' | 'job_function'>;

/**
 * Who may call the route: anyone, signed-in users, or holders of a permission at least for some target. The
 * command decides how far the permission reaches.
 */
export type Access = 'public' | 'signed in' | Permission;

/** A request that a route's declaration has read and found good. */
export interface RouteRequest<Query, Body> {
  /** Who calls; of a `public` route no one. */
  readonly by: Authority;
  /** The session behind it; undefined for an API key. */
  readonly session: LiveSession | undefined;
  readonly requestId: string;
  readonly client: Client;
  /** Ids from the path, each in lower case and of the form of one. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The versions of `If-Match`, without quotes; undefined if the client set no condition. */
  readonly ifMatch: readonly string[] | undefined;
  /** For a route that reads the body by itself. */
  readonly raw: IncomingMessage;
}

/** What a handler answers. */
export interface RouteAnswer {
  readonly status: number;
  /** Shaped by the declaration of that status. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The version of what is answered, for `ETag`. */
  readonly version?: string | number;
  /** A text or bytes instead of JSON; `Content-Type` is among the headers. */
  readonly content?: string | Uint8Array | AsyncIterable<string>;
  /** A session begins or ends: the cookie follows. */
  readonly cookie?: { readonly token: string } | 'clear';
  /** The device cookie's new value. */
  readonly device?: string;
}

/** What an answer is: a JSON shape, another type of content, or nothing. */
export type AnswerShape = z.ZodType | { readonly content: string | readonly string[] } | 'nothing';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One declaration validates, guards and documents a route. */
export interface RouteSpec<Query extends z.ZodType, Body extends z.ZodType> {
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
  readonly query?: Query;
  readonly body?: Body;
  /** Bytes that the body may have; 1 MiB by default. */
  readonly bodyLimit?: number;
  /** The handler reads the body from `raw`: its media type. */
  readonly rawBody?: string;
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** The answer has an `ETag`. */
  readonly etag?: true;
  /** The answer has a `Location`. */
  readonly location?: true;
  /** Rejections of its own; those that any route may give are not listed. */
  readonly errors?: readonly DomainErrorCode[];
  handle(request: RouteRequest<z.output<Query>, z.output<Body>>): Promise<RouteAnswer>;
}

/** A route whose types have done their work. */
export type Route = RouteSpec<z.ZodType, z.ZodType>;

/** Declares a route. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(spec: RouteSpec<Query, Body>): Route {
  return spec as unknown as Route;
}
