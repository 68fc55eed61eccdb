import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to invitations. */
export const invitationEvents = declareEvents({
  'user.invited': {
    target: 'user',
    values: { role: z.string() },
    reason: true,
    meaning: 'A user was invited by mail.',
  },
  'invitation.resent': { target: 'user', meaning: 'An invitation was mailed once more.' },
  'invitation.revoked': { target: 'user', meaning: 'An invitation was withdrawn.' },
  'invitation.accepted': { target: 'user', meaning: 'An invited user accepted.' },
});
