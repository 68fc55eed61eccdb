import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to service accounts. */
export const serviceAccountEvents = declareEvents({
  'service_account.created': {
    target: 'service_account',
    member: 'user',
    values: { role: z.string(), owner: z.string() },
    sentence: '{actor} created {target}, which {member} owns[, with the role {role}]',
    meaning: 'A service account was created; the other party is its owner.',
  },
  'service_account.updated': {
    target: 'service_account',
    values: { role: z.string(), status: z.string(), owner: z.string() },
    sentence: '{actor} changed {target}[: role {role.before} → {role}][: status {status.before} → {status}]',
    meaning: 'The role, the status or the owner of a service account changed.',
  },
  'service_account.transferred': {
    target: 'service_account',
    member: 'user',
    values: { owner: z.string() },
    sentence: '{actor} handed {target} over to {member}',
    meaning: 'A service account was handed over; the other party is its new owner.',
  },
  'service_account.deleted': {
    target: 'service_account',
    sentence: '{actor} deleted {target}',
    meaning: 'A service account was deleted.',
  },
});
