import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to an organization as a whole. */
export const organizationEvents = declareEvents({
  'organization.created': {
    target: 'organization',
    sentence: '{actor} created the organization',
    meaning: 'The organization was created.',
  },
  'settings.updated': {
    target: 'organization',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed the settings of the organization[: {values}]',
    meaning: 'The name or the settings of the organization changed.',
  },
});
