import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to groups and their members. */
export const groupEvents = declareEvents({
  'group.created': {
    target: 'group',
    values: { displayName: z.string(), role: z.string(), autoAssignPattern: z.string() },
    attributes: true,
    sentence:
      '{actor} created {target}[ with the role {role}][, which adds everyone with {autoAssignPattern}]',
    meaning: 'A group was created.',
  },
  'group.updated': {
    target: 'group',
    values: {
      displayName: z.string(),
      role: z.string(),
      description: z.string(),
      autoAssignPattern: z.string(),
    },
    attributes: true,
    sentence:
      '{actor} changed {target}[: renamed from {displayName.before} to {displayName}][: role {role.before} → {role}][, which no longer adds everyone with {autoAssignPattern.before}][, which now adds everyone with {autoAssignPattern}][: {attributes}]',
    meaning: 'The name, the role, the pattern of addresses or other attributes of a group changed.',
  },
  'group.deleted': {
    target: 'group',
    values: { displayName: z.string() },
    sentence: '{actor} deleted {target}',
    meaning: 'A group was deleted, with all of its memberships.',
  },
  'group.member_added': {
    target: 'group',
    member: 'user',
    values: { autoAssignPattern: z.string() },
    sentence: '{actor} added {member} to {target}[, because their address matches {autoAssignPattern}]',
    meaning: 'A user became a member of a group: with a pattern, by their sign-in address.',
  },
  'group.member_removed': {
    target: 'group',
    member: 'user',
    values: { autoAssignPattern: z.string() },
    sentence:
      '{actor} removed {member} from {target}[, because {autoAssignPattern.before} no longer adds them]',
    meaning:
      'A user is no longer a member of a group: with a pattern before, their sign-in address had added them.',
  },
  'group.member_changed': {
    target: 'group',
    member: 'user',
    values: { inGroupRole: z.string() },
    sentence: '{actor} made {member} a {inGroupRole} of {target}',
    meaning: 'The role of a member within a group changed.',
  },
  'group.grants_changed': {
    target: 'group',
    values: { grants: z.array(z.unknown()).readonly() },
    sentence: '{actor} changed what members of {target} may do with resources',
    meaning: 'What the members of a group may do with resources changed.',
  },
  'group.members_exported': {
    target: 'group',
    sentence: '{actor} exported the members of {target}',
    meaning: 'The members of a group were downloaded.',
  },
});
