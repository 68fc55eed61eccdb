import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to sessions, passwords and second factors. */
export const signInEvents = declareEvents({
  'session.started': {
    target: 'user',
    values: { method: z.string() },
    sentence: '{target} signed in[ with {method.words}]',
    meaning: 'A user signed in.',
  },
  'session.ended': {
    target: 'user',
    values: { sessions: z.number(), by: z.string() },
    sentence: '{actor} ended sessions of {target}',
    meaning: 'Sessions of a user ended before their time.',
  },
  'auth.failed': {
    target: ['user', 'sso_connection'],
    values: { outcome: z.string() },
    outcome: 'failure',
    sentence: 'A sign-in as {target} was refused[: {outcome.words}]',
    sentenceAbout: { sso_connection: 'A sign-in through {target} was refused[: {outcome.words}]' },
    meaning: 'A sign-in of a user, or a login at a connection, was refused.',
  },
  'user.locked': {
    target: 'user',
    sentence: 'The account of {target} was locked after too many wrong passwords',
    meaning: 'An account was locked after too many wrong passwords.',
  },
  'password.changed': {
    target: 'user',
    sentence: '{target} has a new password',
    meaning: 'A user has a new password.',
  },
  'password.reset_requested': {
    target: 'user',
    sentence: '{actor} had a link that sets a new password mailed to {target}',
    meaning: 'A link that sets a new password was mailed.',
  },
  'second_factor.enabled': {
    target: 'user',
    sentence: '{actor} enabled the second factor of {target}',
    meaning: 'Signing in asks a user for a code now.',
  },
  'second_factor.disabled': {
    target: 'user',
    sentence: '{actor} disabled the second factor of {target}',
    meaning: 'Signing in no longer asks a user for a code.',
  },
});
