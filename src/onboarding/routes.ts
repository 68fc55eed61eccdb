import { z } from 'zod';
import { ROLES } from '../directory/roles/rules/roles.ts';
import { actorReference, groupReference } from '../rest/references.ts';
import { type Route, route } from '../rest/route.ts';
import { groupReferences, id, line, presentWhole, role, time, wholeList } from '../rest/shapes.ts';
import type { ChecklistCommands } from './checklist.ts';
import type { JobFunctionCommands } from './job-functions.ts';
import type { ChecklistItem } from './rules.ts';

export interface OnboardingDependencies {
  readonly checklists: ChecklistCommands;
  readonly jobFunctions: JobFunctionCommands;
}

const checklistShape = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      done: z.boolean(),
      doneAt: time.nullable(),
      doneBy: actorReference
        .nullable()
        .meta({ description: 'Who ticked it; null while it is not done, and for what the user did.' }),
      automatic: z.boolean().meta({
        description: 'Whether it follows from what the user did, so that no one ticks it.',
        example: true,
      }),
    }),
  ),
  progress: z.object({ done: z.int(), total: z.int() }),
});

function presentChecklist(items: readonly ChecklistItem[]): z.input<typeof checklistShape> {
  return {
    items: items.map(({ key, label, done }) => ({
      key,
      label,
      done: done !== undefined,
      doneAt: done?.at ?? null,
      doneBy: done?.by ?? null,
      automatic: done !== undefined && done.by === undefined,
    })),
    progress: { done: items.filter(({ done }) => done !== undefined).length, total: items.length },
  };
}

const jobFunctionShape = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  groups: z.array(groupReference),
});

const jobFunctionsBody = z
  .array(
    z.strictObject({
      id: id.optional(),
      name: line,
      role: role.default('readonly'),
      groups: groupReferences.default([]),
    }),
  )
  .max(100, 'At most 100 job functions.')
  .refine((list) => areDistinct(list.map(({ name }) => name.toLowerCase())), 'Each name may be there once.')
  .refine((list) => areDistinct(list.flatMap((each) => each.id ?? [])), 'Each id may be there once.');

const areDistinct = (texts: readonly string[]): boolean => new Set(texts).size === texts.length;

/** The first days of a user: the checklist, and what a job function brings (R116, R117, R119). */
export function onboardingRoutes({ checklists, jobFunctions }: OnboardingDependencies): Route[] {
  const tag = 'Onboarding';
  const params = { id: 'user' } as const;
  return [
    route({
      method: 'GET',
      path: '/users/{id}/checklist',
      tag,
      summary: 'Show the onboarding checklist of a user',
      description:
        'account_set_up, groups_assigned, second_factor and first_question tick themselves: they follow from what the user did.',
      access: 'signed in',
      params,
      answers: { 200: checklistShape },
      handle: async ({ by, params: { id: user } }) => ({
        status: 200,
        body: presentChecklist(await checklists.get(by, user)),
      }),
    }),
    route({
      method: 'PUT',
      path: '/users/{id}/checklist',
      tag,
      summary: 'Tick an item of the onboarding checklist',
      description: 'You cannot tick your own security_training. What the user did stays done without a tick.',
      access: 'signed in',
      params,
      body: z.strictObject({ item: z.string().max(40), done: z.boolean() }),
      answers: { 200: checklistShape },
      errors: ['unknown_item', 'self_change'],
      handle: async ({ by, params: { id: user }, body: { item, done } }) => {
        await checklists.set(by, user, item, done);
        return { status: 200, body: presentChecklist(await checklists.get(by, user)) };
      },
    }),
    route({
      method: 'GET',
      path: '/job-functions',
      tag,
      summary: 'List what job functions bring',
      access: 'users:manage',
      answers: { 200: wholeList(jobFunctionShape) },
      handle: async ({ by }) => ({ status: 200, body: presentWhole(await jobFunctions.list(by)) }),
    }),
    route({
      method: 'PUT',
      path: '/job-functions',
      tag,
      summary: 'Set what job functions bring',
      description: 'The whole list; one that is left out is gone.',
      access: 'settings:manage',
      body: jobFunctionsBody,
      answers: { 200: wholeList(jobFunctionShape) },
      errors: ['group_not_found'],
      handle: async ({ by, body }) => {
        const intents = body.map(({ id: known, ...words }) => ({ ...words, id: known }));
        return { status: 200, body: presentWhole(await jobFunctions.replace(by, intents)) };
      },
    }),
  ];
}
