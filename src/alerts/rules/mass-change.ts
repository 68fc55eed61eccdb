import { countOf, minutesInWords } from '../../platform/counts.ts';
import type { Finding } from './alert.ts';

export interface ConnectionWindow {
  readonly connection: string;
  /** What it is called; null once it is deleted. */
  readonly name: string | null;
  readonly at: string;
  /** Users whom the connection deactivated or deleted within the window. */
  readonly removed: number;
  /** Users whom the connection provisions. */
  readonly provisioned: number;
  /** The first and the last of them, ISO 8601. */
  readonly first?: string | null;
  readonly last?: string | null;
}

export interface MassChangeSettings {
  readonly percent: number;
  readonly atLeast: number;
  readonly windowMinutes: number;
}

const DELETED = 'A deleted connection';

/** Whether a connection takes the access of so many users at once that it may be a mistake. */
export function detectMassChange(
  { connection, name, at, removed, provisioned, first, last }: ConnectionWindow,
  { percent, atLeast, windowMinutes }: MassChangeSettings,
): Finding | undefined {
  if (removed < atLeast || removed * 100 < provisioned * percent) return undefined;
  const share = provisioned === 0 ? 100 : Math.min(100, Math.round((removed * 100) / provisioned));
  return {
    kind: 'mass_change',
    severity: 'high',
    connection,
    at,
    key: 'removal',
    detail: {
      why: `${name ?? DELETED} deactivated or deleted ${countOf(removed, 'user')} within ${minutesInWords(windowMinutes)}, ${share} % of those it provisions. Nothing is lost: one undo restores them with roles and groups.`,
      comparedWith: `a limit of ${percent} %, and ${countOf(atLeast, 'user')} at least`,
      removed,
      provisioned,
      ...(first == null || last == null ? {} : { undoFrom: first, undoTo: last }),
    },
  };
}

/** A mass change that a connection tried and that is held. */
export function heldMassChange(connection: string, name: string | null, at: string): Finding {
  return {
    kind: 'mass_change',
    severity: 'high',
    connection,
    at,
    key: 'held',
    detail: {
      why: `${name ?? DELETED} tries to deactivate or delete an unusual share of its users. It is held: allow it, or stop it at the identity provider. Okta gives up after ten tries.`,
      comparedWith: 'the limit of the rule mass_change',
      held: true,
    },
  };
}
