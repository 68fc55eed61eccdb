import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to sessions, passwords and second factors. */
export const signInEvents = declareEvents({
  'session.started': {
    target: 'user',
    values: { method: z.string() },
    meaning: 'A user signed in.',
  },
  'session.ended': {
    target: 'user',
    values: { sessions: z.number(), by: z.string() },
    meaning: 'Sessions of a user ended before their time.',
  },
  'auth.failed': {
    target: ['user', 'sso_connection'],
    values: { outcome: z.string() },
    outcome: 'failure',
    meaning: 'A sign-in of a user, or a login at a connection, was refused.',
  },
  'user.locked': { target: 'user', meaning: 'An account was locked after too many wrong passwords.' },
  'password.changed': { target: 'user', meaning: 'A user has a new password.' },
  'password.reset_requested': { target: 'user', meaning: 'A link that sets a new password was mailed.' },
  'second_factor.enabled': { target: 'user', meaning: 'Signing in asks a user for a code now.' },
  'second_factor.disabled': { target: 'user', meaning: 'Signing in no longer asks a user for a code.' },
});
