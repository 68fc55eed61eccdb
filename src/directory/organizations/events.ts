import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to an organization as a whole. */
export const organizationEvents = declareEvents({
  'organization.created': { target: 'organization', meaning: 'The organization was created.' },
  'settings.updated': {
    target: 'organization',
    values: z.record(z.string(), z.unknown()),
    meaning: 'The name or the settings of the organization changed.',
  },
});
