import type { UserId } from '../directory/ids.ts';

/** What an application reports: a user did something. Times are ISO 8601 in UTC. */
export interface ReportedEvent {
  /** The application's own, a UUID: an event that comes again under it is counted once. */
  readonly id: string;
  readonly at: string;
  /** `query`, or any other word of the application. */
  readonly type: string;
  readonly userId?: UserId | undefined;
  /** Instead of `userId`: the address with which the user signs in. */
  readonly email?: string | undefined;
  readonly agent?: string | undefined;
  readonly resource?: string | undefined;
  readonly resourceTags?: readonly string[] | undefined;
  readonly responseMs?: number | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** A reported event with the user that it names. */
export interface ActivityEvent extends Omit<ReportedEvent, 'userId' | 'email'> {
  readonly userId: UserId;
}

/** The type of event that dashboards count as queries. */
export const QUERY = 'query';

/** What is summed up by the hour. */
export interface Figures {
  readonly events: number;
  readonly queries: number;
  /** The sum of the response times, in milliseconds, and of how many events it is. */
  readonly responseMs: number;
  readonly responses: number;
}

/** The mean response time in milliseconds; undefined where no event had one. */
export function averageResponse({ responseMs, responses }: Figures): number | undefined {
  return responses === 0 ? undefined : Math.round(responseMs / responses);
}

/** What the most events can be counted of. */
export const TOP_KINDS = ['agent', 'user', 'resource'] as const;
export type TopKind = (typeof TOP_KINDS)[number];
