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
    sentence: '{actor} made {target} a Super Admin',
    meaning: 'A user became a Super Admin.',
  },
  'user.owner_revoked': {
    target: 'user',
    sentence: '{actor} took Super Admin from {target}',
    meaning: 'A user is no longer a Super Admin.',
  },
});
