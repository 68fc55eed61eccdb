import { z } from 'zod';
import { type Locate, presentLocation } from '../../platform/locations/location.ts';
import { location } from '../../rest/references.ts';
import type { SessionChange } from '../../rest/route.ts';
import { time } from '../../rest/shapes.ts';
import type { ListedSession, LiveSession } from '../sessions.ts';

/** A session as every list of sessions shows it. */
export const sessionShape = z
  .object({
    id: z.string(),
    method: z.string(),
    startedAt: time,
    seenAt: time,
    ip: z.string().nullable(),
    location,
    userAgent: z.string().nullable(),
    current: z.boolean().meta({ description: 'Whether it is the caller’s own session.' }),
  })
  .meta({ id: 'Session' });

/** @param current the session that asks, if it is one */
export const presentSession = (
  session: ListedSession,
  current: string | undefined,
  locate: Locate,
): z.input<typeof sessionShape> => ({
  ...session,
  location: presentLocation(locate(session.ip)),
  current: session.id === current,
});

/** The cookie that goes with a session: the one of a demonstration leaves the session that it was opened from. */
export const endOf = ({ openedBy }: LiveSession): SessionChange =>
  openedBy === undefined ? 'clear' : 'leave';
