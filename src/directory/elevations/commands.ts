import type { Administer } from '../administer.ts';
import { type Authority, effectiveRole } from '../authority.ts';
import { Refusal } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { loadPerson } from '../people/target.ts';
import { demandGrantable, demandManage, demandOther } from '../rules/guards.ts';
import { compareRoles } from '../rules/roles.ts';
import { insertElevation } from '../store/elevations.ts';
import { findSettings } from '../store/settings.ts';
import type { Role } from '../users/user.ts';

/** PRODUCT §1.5. */
const LONGEST_HOURS = 24;
const DEFAULT_MINUTES = 480;
const SHORTEST_JUSTIFICATION = 10;

/** A role that somebody is to have for a while. */
export interface ElevationIntent {
  readonly role: Role;
  /** Undefined: 8 hours. */
  readonly until: { readonly minutes: number } | { readonly expiresAt: string } | undefined;
  readonly justification: string;
  readonly ticket: string | undefined;
}

export interface ElevationCommands {
  /**
   * Gives somebody a higher role until a time; it holds at once (R133, R134).
   * @throws Refusal `justification_required`, `too_long`, `not_higher`, `role_above_limit`, `self_change`
   * @returns the id of the elevation
   */
  grant(by: Authority, user: UserId, intent: ElevationIntent): Promise<string>;
}

/** How long an intent lasts, in minutes. @throws Refusal `too_long` */
export function minutesOf(until: ElevationIntent['until'], now: Date): number {
  if (until === undefined) return DEFAULT_MINUTES;
  const minutes =
    'minutes' in until ? until.minutes : Math.ceil((Date.parse(until.expiresAt) - now.getTime()) / 60_000);
  if (minutes < 1) throw new Refusal('too_long', 'The end must be in the future.');
  if (minutes > LONGEST_HOURS * 60) {
    throw new Refusal('too_long', `An elevation lasts ${LONGEST_HOURS} hours at most.`);
  }
  return minutes;
}

/** @throws Refusal `justification_required` */
export function checkJustification(text: string): string {
  const justification = text.trim();
  if (justification.length >= SHORTEST_JUSTIFICATION) return justification;
  throw new Refusal(
    'justification_required',
    `Say why, in at least ${SHORTEST_JUSTIFICATION} characters: reviewers will read it.`,
  );
}

/** Builds the commands about elevations. */
export function createElevationCommands({
  administer,
}: {
  readonly administer: Administer;
}): ElevationCommands {
  return {
    grant: (by, user, intent) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, time, newId, note } = work;
        const person = await loadPerson(work, user);
        demandOther(actor, person);
        demandManage(actor, person, 'edit');
        const { settings } = await findSettings(tx, org);
        demandGrantable(actor, intent.role, settings);
        const justification = checkJustification(intent.justification);
        if (compareRoles(intent.role, effectiveRole(person)) <= 0) {
          throw new Refusal(
            'not_higher',
            `This user has the role ${effectiveRole(person)} already: choose a higher one.`,
          );
        }
        const minutes = minutesOf(intent.until, time);
        const expiresAt = new Date(time.getTime() + minutes * 60_000).toISOString();
        const id = newId();
        await insertElevation(
          tx,
          org,
          {
            id,
            user,
            role: intent.role,
            justification,
            ticket: intent.ticket,
            minutes,
            requestedBy: actor.rights.id,
            granted: { by: actor.rights.id, expiresAt },
          },
          at,
        );
        note({
          action: 'elevation.granted',
          target: ['elevation', id],
          member: user,
          changes: {
            values: { role: [person.role, intent.role], expiresAt: [null, expiresAt] },
            reason: justification,
          },
        });
        return id;
      }),
  };
}
