import { declareEvents } from '../audit/declaration.ts';

/** What is recorded of exports. */
export const exportEvents = declareEvents({
  'user.exported': {
    target: 'user',
    sentence: '{actor} exported all that is kept of {target}',
    meaning: 'An export of all that is kept of a user was asked for.',
  },
});
