import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to the rights of a user. */
export const roleEvents = declareEvents({
  'user.role_changed': {
    target: 'user',
    values: { role: z.string() },
    reason: true,
    sentence: '{actor} changed the role of {target}[ from {role.before}][ to {role}]',
    meaning: 'The role of a user changed.',
  },
  'user.owner_granted': {
    target: 'user',
    sentence: '{actor} made {target} an owner',
    meaning: 'A user became an owner.',
  },
  'user.owner_revoked': {
    target: 'user',
    sentence: '{actor} took ownership from {target}',
    meaning: 'A user is no longer an owner.',
  },
});
