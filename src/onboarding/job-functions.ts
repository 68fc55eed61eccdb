import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { findChosenGroups } from '../directory/groups/chosen-groups.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requirePermission, requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { Role } from '../directory/users/user.ts';
import type { Database } from '../platform/db/database.ts';
import { type JobFunction, listJobFunctions, replaceJobFunctions } from './store/job-functions.ts';

export type { JobFunction } from './store/job-functions.ts';

/** A template as a user writes it. */
export interface JobFunctionIntent {
  /** Of one that is there; without it, the one of this name is meant, or another is made. */
  readonly id: string | undefined;
  readonly name: string;
  readonly role: Role;
  /** Ids or names. */
  readonly groups: readonly string[];
}

export interface JobFunctionCommands {
  /** For users who may invite (R117). @throws DomainError `forbidden` */
  list(by: Authority): Promise<JobFunction[]>;
  /**
   * Replaces all templates. A template grants nothing by itself: an inviter who uses one needs the permissions for
   * its role and groups as always.
   * @throws DomainError `forbidden`, `not_found`, `group_not_found`
   */
  replace(by: Authority, intents: readonly JobFunctionIntent[]): Promise<JobFunction[]>;
}

/** Builds the commands about roles by job function. */
export function createJobFunctionCommands({
  db,
  runner,
}: {
  readonly db: Database;
  readonly runner: CommandRunner;
}): JobFunctionCommands {
  return {
    list: async (by) => {
      requirePermission(by, 'users:manage');
      return listJobFunctions(db, by.org);
    },

    replace: (by, intents) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, newId, recordEvent } = context;
        requireWholeOrganization(actor, 'settings:manage');
        const before = await listJobFunctions(tx, org);
        const next: JobFunction[] = [];
        for (const { id: given, name, role, groups } of intents) {
          const id = given ?? before.find((each) => caseKey(each.name) === caseKey(name))?.id ?? newId();
          if (given !== undefined && !before.some((each) => each.id === given)) {
            throw notFound('job_function');
          }
          const chosen = await findChosenGroups(context, groups);
          next.push({
            id,
            name,
            role,
            groups: chosen.map((head) => ({ id: head.id, name: head.name })),
          });
        }
        await replaceJobFunctions(tx, org, next);
        for (const id of new Set([...before, ...next].map((each) => each.id))) {
          const values = differences(
            before.find((each) => each.id === id),
            next.find((each) => each.id === id),
          );
          if (values === undefined) continue;
          recordEvent({ action: 'job_function.updated', target: ['job_function', id], changes: { values } });
        }
        return listJobFunctions(tx, org);
      }),
  };
}

/**
 * The role and groups of an invitation: what the inviter leaves out is accepted from the template of that name, if
 * there is one, and else is `readonly` and no group (R117, R131).
 * @returns with whether there is a template of that name
 */
export async function startingAccess(
  { tx, org }: CommandContext,
  {
    role,
    groups,
    jobFunction,
  }: {
    readonly role: Role | undefined;
    readonly groups: readonly string[] | undefined;
    readonly jobFunction: string | undefined;
  },
): Promise<{ readonly role: Role; readonly groups: readonly string[]; readonly hasTemplate: boolean }> {
  const template =
    jobFunction !== undefined
      ? (await listJobFunctions(tx, org)).find((each) => caseKey(each.name) === caseKey(jobFunction))
      : undefined;
  return {
    role: role ?? template?.role ?? 'readonly',
    groups: groups ?? template?.groups.map(({ id }) => id) ?? [],
    hasTemplate: template !== undefined,
  };
}

/** What changed about a template, from nothing or to nothing included; undefined if nothing did. */
function differences(
  before: JobFunction | undefined,
  after: JobFunction | undefined,
): Record<string, readonly [unknown, unknown]> | undefined {
  const groupsOf = (each: JobFunction | undefined) => each?.groups.map(({ id }) => id).sort() ?? null;
  const pairs = {
    name: [before?.name ?? null, after?.name ?? null],
    role: [before?.role ?? null, after?.role ?? null],
    groups: [groupsOf(before), groupsOf(after)],
  } as const;
  const changed = Object.entries(pairs).filter(
    ([, [from, to]]) => JSON.stringify(from) !== JSON.stringify(to),
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}
