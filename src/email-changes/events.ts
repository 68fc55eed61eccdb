import { declareEvents } from '../audit/declaration.ts';

/** What happens to the address of a user. */
export const emailChangeEvents = declareEvents({
  'user.email_change_requested': {
    target: 'user',
    meaning: 'A link that confirms a new address was mailed to it.',
  },
  'user.email_change_cancelled': { target: 'user', meaning: 'A change of an address was cancelled.' },
  'user.email_changed': {
    target: 'user',
    attributes: true,
    meaning: 'A new address was confirmed and took the place of the one before.',
  },
});
