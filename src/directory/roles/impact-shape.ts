import { z } from 'zod';
import type { SeenImpact } from './commands.ts';
import { PERMISSION_NAMES } from './rules/permissions.ts';
import { ROLES } from './rules/roles.ts';

const scopeChange = z.object({
  permission: z.enum(PERMISSION_NAMES as [string, ...string[]]),
  from: z.string(),
  to: z.string(),
});

/** What a role would change (R74). */
export const impactShape = z.object({
  from: z.enum(ROLES),
  to: z.enum(ROLES),
  effectiveFrom: z.enum(ROLES),
  effectiveTo: z.enum(ROLES),
  gained: z.array(scopeChange),
  lost: z.array(scopeChange),
  ownedAgentsAffected: z.int(),
  openSessions: z.int(),
  groupRoles: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) })),
  impactToken: z.string(),
});

export function presentImpact({
  ownedResources,
  gained,
  lost,
  groupRoles,
  ...impact
}: SeenImpact): z.input<typeof impactShape> {
  return {
    ...impact,
    gained: [...gained],
    lost: [...lost],
    groupRoles: [...groupRoles],
    ownedAgentsAffected: ownedResources,
  };
}
