import { declareEvents } from '../audit/declaration.ts';

/** What happens to the address of a user. */
export const emailChangeEvents = declareEvents({
  'user.email_change_requested': {
    target: 'user',
    sentence: '{actor} asked for a new sign-in address of {target}, and a link was mailed to it',
    meaning: 'A link that confirms a new address was mailed to it.',
  },
  'user.email_change_cancelled': {
    target: 'user',
    sentence: '{actor} cancelled the change of the sign-in address of {target}',
    meaning: 'A change of an address was cancelled.',
  },
  'user.email_changed': {
    target: 'user',
    attributes: true,
    sentence: '{target} has a new sign-in address',
    meaning: 'A new address was confirmed and took the place of the one before.',
  },
});
