import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

const ofUser = { target: 'elevation', member: 'user', reason: true } as const;

/** What happens to elevations; the other party is who is elevated. */
export const elevationEvents = declareEvents({
  'elevation.requested': {
    ...ofUser,
    values: { role: z.string(), minutes: z.number() },
    sentence: '{actor} asked for the role {role} for {member}[ for {minutes.span}]',
    meaning: 'A user asked for a higher role for a while.',
  },
  'elevation.granted': {
    ...ofUser,
    values: { role: z.string(), expiresAt: z.string() },
    sentence: '{actor} gave {member} the role {role}[ until {expiresAt}]',
    meaning: 'A user has a higher role for a while.',
  },
  'elevation.rejected': {
    ...ofUser,
    sentence: '{actor} rejected the request of {member} for a higher role',
    meaning: 'A request for a higher role was rejected.',
  },
  'elevation.cancelled': {
    ...ofUser,
    sentence: '{actor} withdrew the request of {member} for a higher role',
    meaning: 'A request for a higher role was withdrawn.',
  },
  'elevation.revoked': {
    ...ofUser,
    values: { expiresAt: z.string() },
    sentence: '{actor} ended the higher role of {member} before its time',
    meaning: 'A higher role was taken away before its time.',
  },
  'elevation.expired': {
    ...ofUser,
    sentence: 'The higher role of {member} ended, since its time was over',
    meaning: 'A higher role ended when its time was over.',
  },
});
