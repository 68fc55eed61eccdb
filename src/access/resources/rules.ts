import { gives, subjectOfType } from '../../directory/groups/rules.ts';
import type { GroupGrant } from '../../directory/groups/store/grants.ts';
import { type Authority, scopeOf } from '../../directory/roles/authority.ts';
import type { Subject } from '../../directory/roles/rules/permission-meanings.ts';
import type { Permission, Scope } from '../../directory/roles/rules/permissions.ts';
import { explain, type Target } from '../authorization/rules/explain.ts';

const EDITING = {
  agent: 'agents:edit',
  data_source: 'data_sources:manage',
} as const satisfies Partial<Record<Subject, Permission>>;

/** The permission with which something of a type is changed and deleted. */
export const editing = (type: string): Permission =>
  subjectOfType(type) === 'data_source' ? EDITING.data_source : EDITING.agent;

/** The permission with which something of a type is registered. */
export const creating = (type: string): Permission =>
  subjectOfType(type) === 'data_source' ? EDITING.data_source : 'agents:create';

/** Whether the caller may change a resource: what `explain` decides for them, within the scopes of their key. */
export function mayEdit(
  { rights, scopes }: Authority,
  grants: readonly GroupGrant[],
  target: Extract<Target, { kind: 'resource' }>,
): boolean {
  const permission = editing(target.type);
  if (scopes !== undefined && !scopes.has(permission)) return false;
  return explain(rights, permission, grants, target).allowed;
}

/** `mayEdit` for all resources of a list in one pass. */
export interface Editable {
  /** How far the role reaches, by the kind of resource. */
  readonly scopes: Readonly<Record<keyof typeof EDITING, Scope>>;
  /** Those that grants name. */
  readonly grants: readonly GroupGrant[];
}

/** @returns undefined if a key is for neither kind of resource */
export function editableBy(by: Authority, grants: readonly GroupGrant[]): Editable | undefined {
  const within = (permission: Permission) => by.scopes === undefined || by.scopes.has(permission);
  if (!Object.values(EDITING).some(within)) return undefined;
  return {
    scopes: { agent: scopeOf(by, EDITING.agent), data_source: scopeOf(by, EDITING.data_source) },
    grants: grants.filter((grant) => {
      const permission = editing(grant.resourceType);
      return within(permission) && gives(grant, permission);
    }),
  };
}
