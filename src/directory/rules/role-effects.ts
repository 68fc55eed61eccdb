import { countOf } from '../../platform/counts.ts';
import { compareRoles } from '../roles/rules/roles.ts';
import type { Role } from '../users/user.ts';

/** A user's effective role before a change and after it; null while they have no rights. */
export interface RoleEffect {
  readonly before: Role | null;
  readonly after: Role | null;
}

/** What a change does to effective roles, in numbers. */
export interface RoleTotals {
  readonly gained: number;
  readonly lost: number;
  /** Of those who lose rights, the ones who are admin now. */
  readonly administratorsLost: number;
}

const isLoss = ({ before, after }: RoleEffect) =>
  before !== null && (after === null || compareRoles(after, before) < 0);
const isGain = ({ before, after }: RoleEffect) =>
  after !== null && (before === null || compareRoles(after, before) > 0);

/** Adds up what changes do. @param counted how many users each stands for; one by default */
export function totalsOf(effects: readonly (RoleEffect & { readonly users?: number })[]): RoleTotals {
  const sum = (picked: readonly { readonly users?: number }[]) =>
    picked.reduce((total, { users = 1 }) => total + users, 0);
  const lost = effects.filter(isLoss);
  return {
    gained: sum(effects.filter(isGain)),
    lost: sum(lost),
    administratorsLost: sum(lost.filter(({ before }) => before === 'admin')),
  };
}

/** `2 administrators would lose their role`, and how many others lose and gain; empty where no role changes. */
export function totalsInWords({ gained, lost, administratorsLost }: RoleTotals): string {
  const others = lost - administratorsLost;
  return [
    administratorsLost === 0 ? '' : `${countOf(administratorsLost, 'administrator')} would lose their role`,
    others === 0 ? '' : `${countOf(others, 'other user')} would have fewer rights`,
    gained === 0 ? '' : `${countOf(gained, 'user')} would have more rights`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
