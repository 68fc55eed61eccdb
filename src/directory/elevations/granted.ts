import type { Seal } from '../../platform/sealing.ts';
import type { Work } from '../administer.ts';
import { type Authority, effectiveRole } from '../authority.ts';
import { sendMail } from '../mails.ts';
import { calledName, type Person } from '../people/person.ts';
import { loadPerson } from '../people/target.ts';
import { findSettings } from '../store/settings.ts';
import type { Role } from '../users/user.ts';

/** Says that somebody has a role for a while: an event, and a mail to them. Times are ISO 8601. */
export async function noteGranted(
  work: Work,
  by: Authority,
  person: Person,
  { id, role, expiresAt, reason }: { id: string; role: Role; expiresAt: string; reason: string },
  seal: Seal,
): Promise<void> {
  const { tx, org, newId, note } = work;
  note({
    action: 'elevation.granted',
    target: ['elevation', id],
    member: person.id,
    changes: { values: { role: [effectiveRole(person), role], expiresAt: [null, expiresAt] }, reason },
  });
  const { organization } = await findSettings(tx, org);
  // An elevation that needed no approval, or that a service account gave, comes from the organization.
  const isFromPerson = person.id !== by.rights.id && by.accountOwner === undefined;
  const giver = isFromPerson ? calledName(await loadPerson(work, by.rights.id)) : organization;
  const mail = {
    template: 'elevation_granted',
    to: person.email,
    organization,
    role,
    by: giver,
    expiresAt,
  } as const;
  await sendMail(tx, seal, org, newId(), mail);
}
