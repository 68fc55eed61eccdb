import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to the status of a user, up to their erasure. */
export const lifecycleEvents = declareEvents({
  'user.activated': {
    target: 'user',
    values: { status: z.string() },
    reason: true,
    sentence: '{actor} activated {target}',
    meaning: 'A user became active.',
  },
  'user.deactivated': {
    target: 'user',
    values: { status: z.string() },
    reason: true,
    sentence: '{actor} deactivated {target}',
    meaning: 'A user became inactive: sessions ended, API keys stopped.',
  },
  'user.offboarded': {
    target: 'user',
    sentence: '{actor} offboarded {target}',
    meaning: 'A user was deactivated, taken out of groups and relieved of what they owned.',
  },
  'user.unlocked': {
    target: 'user',
    sentence: '{actor} unlocked the account of {target}',
    meaning: 'The lock of an account was taken off.',
  },
  'user.deleted': {
    target: 'user',
    sentence: '{actor} deleted {target}',
    meaning: 'A user was deleted and can be restored for some time.',
  },
  'user.restored': {
    target: 'user',
    sentence: '{actor} restored {target}',
    meaning: 'A deleted user was restored.',
  },
  'user.erased': {
    target: 'user',
    sentence: '{actor} removed {target} for good',
    meaning: 'A user was removed for good; only ids are left.',
  },
});
