import { declareEvents } from '../audit/declaration.ts';

/** What an organization did about its demonstration. */
export const demonstrationEvents = declareEvents({
  'demonstration.loaded': {
    target: 'organization',
    sentence: '{actor} loaded a demonstration organization',
    meaning: 'A demonstration organization was asked for.',
  },
  'demonstration.removed': {
    target: 'organization',
    sentence: '{actor} removed the demonstration organization',
    meaning: 'The removal of the demonstration organization was asked for.',
  },
});
