import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

const ofConnection = { target: 'set_up_link', member: ['sso_connection', 'connection'] } as const;

/** What happens to set-up links; what their holders do are events of the connection, with the link as the actor. */
export const setUpLinkEvents = declareEvents({
  'set_up_link.created': {
    ...ofConnection,
    values: { label: z.string(), mayActivate: z.boolean(), expiresAt: z.string() },
    sentence: '{actor} made {target} for {member}[, which works until {expiresAt}]',
    meaning: 'A link was made with which someone without an account sets one connection up.',
  },
  'set_up_link.opened': {
    ...ofConnection,
    sentence: '{target} for {member} was opened for the first time',
    meaning: 'A set-up link was used for the first time.',
  },
  'set_up_link.revoked': {
    ...ofConnection,
    sentence: '{actor} revoked {target} for {member}',
    meaning: 'A set-up link was revoked.',
  },
});
