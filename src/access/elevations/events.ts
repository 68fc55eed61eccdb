import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

const ofUser = { target: 'elevation', member: 'user', reason: true } as const;

/** What happens to elevations; the other party is who is elevated. */
export const elevationEvents = declareEvents({
  'elevation.requested': {
    ...ofUser,
    values: { role: z.string(), minutes: z.number() },
    meaning: 'A user asked for a higher role for a while.',
  },
  'elevation.granted': {
    ...ofUser,
    values: { role: z.string(), expiresAt: z.string() },
    meaning: 'A user has a higher role for a while.',
  },
  'elevation.rejected': { ...ofUser, meaning: 'A request for a higher role was rejected.' },
  'elevation.cancelled': { ...ofUser, meaning: 'A request for a higher role was withdrawn.' },
  'elevation.revoked': {
    ...ofUser,
    values: { expiresAt: z.string() },
    meaning: 'A higher role was taken away before its time.',
  },
  'elevation.expired': { ...ofUser, meaning: 'A higher role ended when its time was over.' },
});
