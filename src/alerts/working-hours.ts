import type { CommandDependencies } from '../directory/command-dependencies.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { requireVisible } from '../directory/groups/visibility.ts';
import { readStored } from '../directory/organizations/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import { RULE_SETTINGS, type RuleSettings } from './settings.ts';
import { findStoredHours, type HoursOf, removeHours, writeHours } from './store/working-hours.ts';

export type WatchedHours = RuleSettings['off_hours'];

export interface WorkingHoursCommands {
  /** The hours of a user or a group; undefined if they have none of their own. @throws DomainError `not_found` */
  get(by: Authority, of: HoursOf): Promise<WatchedHours | undefined>;
  /** @throws DomainError `not_found`, `forbidden` */
  set(by: Authority, of: HoursOf, hours: WatchedHours): Promise<void>;
  /** From now on the hours of the groups or of the organization hold. @throws DomainError `not_found`, `forbidden` */
  clear(by: Authority, of: HoursOf): Promise<void>;
}

/** Builds the commands about working hours that differ from the organization's (R114). */
export function createWorkingHours({ runner }: CommandDependencies): WorkingHoursCommands {
  const read = async ({ tx, org }: CommandContext, of: HoursOf): Promise<WatchedHours | undefined> => {
    const stored = await findStoredHours(tx, org, of);
    return stored === undefined ? undefined : readStored(RULE_SETTINGS.off_hours, stored);
  };

  /** @returns the hours of now @throws DomainError `not_found`, `forbidden` */
  const open = async (context: CommandContext, by: Authority, of: HoursOf) => {
    requireWholeOrganization(by, 'alerts:manage');
    if ('user' in of) await loadDirectoryUser(context, of.user);
    else await requireVisible(context.tx, by, of.group);
    return read(context, of);
  };

  const record = (
    { recordEvent }: CommandContext,
    of: HoursOf,
    before?: WatchedHours,
    after?: WatchedHours,
  ) =>
    recordEvent({
      action: 'working_hours.updated',
      target: 'user' in of ? ['user', of.user] : ['group', of.group],
      changes: {
        values: {
          hours: [before === undefined ? null : { ...before }, after === undefined ? null : { ...after }],
        },
      },
    });

  return {
    get: (by, of) => runner.runAs(by, (context, actor) => open(context, actor, of)),

    set: (by, of, hours) =>
      runner.runAs(by, async (context, actor) => {
        const before = await open(context, actor, of);
        if (JSON.stringify(before) === JSON.stringify(hours)) return;
        await writeHours(context.tx, context.org, of, hours);
        record(context, of, before, hours);
      }),

    clear: (by, of) =>
      runner.runAs(by, async (context, actor) => {
        const before = await open(context, actor, of);
        if (await removeHours(context.tx, context.org, of)) record(context, of, before);
      }),
  };
}
