import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to groups and their members. */
export const groupEvents = declareEvents({
  'group.created': {
    target: 'group',
    values: { displayName: z.string(), role: z.string() },
    attributes: true,
    meaning: 'A group was created.',
  },
  'group.updated': {
    target: 'group',
    values: { displayName: z.string(), role: z.string(), description: z.string() },
    attributes: true,
    meaning: 'The name, the role or other attributes of a group changed.',
  },
  'group.deleted': {
    target: 'group',
    values: { displayName: z.string() },
    meaning: 'A group was deleted, with all of its memberships.',
  },
  'group.member_added': { target: 'group', member: 'user', meaning: 'A user became a member of a group.' },
  'group.member_removed': {
    target: 'group',
    member: 'user',
    meaning: 'A user is no longer a member of a group.',
  },
  'group.member_changed': {
    target: 'group',
    member: 'user',
    values: { inGroupRole: z.string() },
    meaning: 'The role of a member within a group changed.',
  },
  'group.grants_changed': {
    target: 'group',
    values: { grants: z.array(z.unknown()).readonly() },
    meaning: 'What the members of a group may do with resources changed.',
  },
});
