import { declareEvents } from '../../audit/declaration.ts';

/** What happens to users, apart from their status and their role. */
export const userEvents = declareEvents({
  'user.created': { target: 'user', sentence: '{actor} created {target}', meaning: 'A user was created.' },
  'user.updated': {
    target: 'user',
    attributes: true,
    sentence: '{actor} changed {target}[: {attributes}]',
    meaning: 'Attributes of a user changed; only their names are recorded.',
  },
  'user.adopted': {
    target: 'user',
    sentence: '{actor} took over {target}, who was there before',
    meaning: 'A connection took over a user who was there before.',
  },
});
