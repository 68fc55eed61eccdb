import type { Actor, Client, Origin } from '../../directory/actor.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { findCurrentRights } from '../../directory/roles/find-authority.ts';
import type { Permission } from '../../directory/roles/rules/permissions.ts';
import type { Database } from '../../platform/db/database.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { DAY_MS, HOUR_MS } from '../../platform/time.ts';
import type { ProvisioningSettings } from '../../provisioning/settings.ts';
import type { Past } from '../past.ts';
import { createRandom } from '../rules/people.ts';

/** Days of events that a demonstration begins with. */
export const DAYS = 30;

/** The office, and the networks of those who work elsewhere. */
export const OFFICE = '198.51.100.7';

/** A clock that is moved: it begins 30 days ago, and never passes the real one. */
export interface Clock {
  now(): Date;
  /** Moves to an hour of a day; the first day is 0, the last 30. Never back. */
  moveTo(day: number, hour: number): void;
  /** Lets some seconds pass. */
  pass(seconds: number): void;
  /** Where the last day ends. */
  readonly end: Date;
  /** The day of the week of the present day: 0 is Sunday. */
  weekday(): number;
}

/** @param realNow where the last day ends */
export function createClock(realNow: Date): Clock {
  const start = Math.floor((realNow.getTime() - DAYS * DAY_MS) / DAY_MS) * DAY_MS;
  // Some time is left for what is done at the end.
  const end = realNow.getTime() - 60_000;
  let time = start;
  const advance = (to: number) => {
    time = Math.max(time + 1, Math.min(to, end));
  };
  return {
    now: () => new Date(time),
    moveTo: (day, hour) => advance(start + day * DAY_MS + hour * HOUR_MS),
    pass: (seconds) => advance(time + seconds * 1_000),
    end: new Date(end),
    weekday: () => new Date(time).getUTCDay(),
  };
}

/** What the parts of a load work with. */
export interface World {
  readonly db: Database;
  readonly past: Past;
  readonly clock: Clock;
  readonly org: OrgId;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Calls the API as a user who sits in the office. */
  as(user: UserId): Api;
  /** Calls the API as a program does, with a key of its service account. */
  asProgram(account: string, key: string, scopes: readonly Permission[]): Api;
}

/** The API as someone calls it. @throws DomainError */
export interface Api {
  get<Answer>(path: string): Promise<Answer>;
  send<Answer = { id: string }>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer>;
}

export function createWorld(parts: Pick<World, 'db' | 'past' | 'clock' | 'org' | 'signal'>): World {
  const { db, past, clock, org } = parts;
  const apiOf = (actor: Actor, id: UserId, scopes: Authority['scopes']): Api => {
    const authority = async (): Promise<Authority> => {
      const at = clock.now().toISOString();
      const current = await findCurrentRights(db, org, id, actor, at);
      if (current === undefined) throw new Error('A demonstration lacks one of its people.');
      const origin: Origin = { actor, requestId: uuidv7(clock.now().getTime()), client: clientAt(OFFICE) };
      return { org, ...current, scopes, actor, origin, provedAt: at };
    };
    return {
      get: async <Answer>(path: string) =>
        (await accepted('GET', path, past.call(await authority(), 'GET', path))) as Answer,
      send: async <Answer>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object) => {
        clock.pass(20);
        return (await accepted(method, path, past.call(await authority(), method, path, body))) as Answer;
      },
    };
  };
  return {
    ...parts,
    random: createRandom(2_026),
    as: (user) => apiOf({ type: 'user', id: user, via: 'api' }, user, undefined),
    asProgram: (id, key, scopes) =>
      apiOf({ type: 'service_account', id, key, via: 'api' }, id as UserId, new Set(scopes)),
  };
}

/** What a load asked for and was refused: the month does not fit this version. */
class NotAccepted extends Error {}

/** @throws NotAccepted instead of a DomainError */
async function accepted<Answer>(method: string, path: string, call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new NotAccepted(`${method} ${path}: ${error.message}`, { cause: error });
  }
}

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
] as const;

/** A browser at an address. */
export const clientAt = (ip: string, browser = 0): Client => ({
  ip,
  userAgent: BROWSERS[browser % BROWSERS.length] as string,
});

/** An identity provider that provisions. */
export interface Provider {
  readonly connection: ConnectionId;
  /** @returns the status */
  send(method: string, path: string, body?: object, query?: string): Promise<number>;
}

const SETTINGS: ProvisioningSettings = {
  uniqueEmails: true,
  roleSource: 'app',
  roleAliases: {},
  roleSourceSetBy: undefined,
  holdsMassChanges: false,
  isDryRun: false,
};

export function providerOf(
  { past, clock, org }: World,
  connection: ConnectionId,
  userAgent: string,
): Provider {
  return {
    connection,
    send: async (method, path, body, query) => {
      clock.pass(1);
      const { status } = await past.carryOut({
        id: uuidv7(clock.now().getTime()),
        original: undefined,
        userAgent,
        org,
        connection,
        strict: false,
        settings: SETTINGS,
        method,
        path,
        query,
        ifMatch: undefined,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return status;
    },
  };
}
