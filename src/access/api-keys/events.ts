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
    meaning: 'An API key was created.',
  },
  'api_key.enabled': { ...ofHolder, meaning: 'An API key that was disabled works again.' },
  'api_key.disabled': { ...ofHolder, meaning: 'An API key was disabled.' },
  'api_key.revoked': { ...ofHolder, meaning: 'An API key was revoked for good.' },
});
