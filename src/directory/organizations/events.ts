import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to an organization as a whole. */
export const organizationEvents = declareEvents({
  'organization.created': {
    target: 'organization',
    sentence: '{actor} created the organization',
    meaning: 'The organization was created.',
  },
  'organization.logo_changed': {
    target: 'organization',
    values: { type: z.string() },
    sentence: '{actor} changed the logo of the organization',
    meaning: 'The organization has another logo.',
  },
  'organization.logo_removed': {
    target: 'organization',
    values: { type: z.string() },
    sentence: '{actor} removed the logo of the organization',
    meaning: 'The organization has no logo any more.',
  },
  'settings.updated': {
    target: 'organization',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed the settings of the organization[: {values}]',
    meaning: 'The name or the settings of the organization changed.',
  },
});
