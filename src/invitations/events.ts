import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to invitations. */
export const invitationEvents = declareEvents({
  'user.invited': {
    target: 'user',
    values: { role: z.string() },
    reason: true,
    sentence: '{actor} invited {target}[ as {role}]',
    meaning: 'A user was invited by mail.',
  },
  'invitation.resent': {
    target: 'user',
    sentence: '{actor} mailed the invitation of {target} once more',
    meaning: 'An invitation was mailed once more.',
  },
  'invitation.revoked': {
    target: 'user',
    sentence: '{actor} withdrew the invitation of {target}',
    meaning: 'An invitation was withdrawn.',
  },
  'invitation.accepted': {
    target: 'user',
    sentence: '{target} accepted the invitation',
    meaning: 'An invited user accepted.',
  },
});
