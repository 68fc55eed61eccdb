import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

const ofHolder = { target: 'api_key', member: ['user', 'service_account'] } as const;

/** What happens to API keys; the other party is whose key it is. */
export const apiKeyEvents = declareEvents({
  'api_key.created': {
    ...ofHolder,
    values: {
      scopes: z.array(z.string()).readonly(),
      expiresAt: z.string(),
      serviceAccount: z.string(),
    },
    sentence: '{actor} created an API key for {member}[, which works until {expiresAt}]',
    meaning: 'An API key was created.',
  },
  'api_key.enabled': {
    ...ofHolder,
    sentence: '{actor} enabled an API key of {member}',
    meaning: 'An API key that was disabled works again.',
  },
  'api_key.disabled': {
    ...ofHolder,
    sentence: '{actor} disabled an API key of {member}',
    meaning: 'An API key was disabled.',
  },
  'api_key.revoked': {
    ...ofHolder,
    sentence: '{actor} revoked an API key of {member}',
    meaning: 'An API key was revoked for good.',
  },
});
