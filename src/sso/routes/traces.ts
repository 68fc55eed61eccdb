import { z } from 'zod';
import { userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { idCursor, page, pageById, pageOf, readCursor, time } from '../../rest/shapes.ts';
import type { SsoAdministration } from '../administration/administration.ts';
import type { TraceRow } from '../administration/traces.ts';
import { SSO_REASONS, type SsoReasonMeaning } from '../rules/reasons.ts';

const OUTCOMES = ['signed_in', 'tested', 'proved', 'refused'] as const;

export const traceShape = z
  .object({
    id: z.string(),
    at: time,
    purpose: z.enum(['sign_in', 'test', 'step_up']),
    outcome: z.enum(OUTCOMES),
    stage: z.string().nullable().meta({ description: 'How far it came before it was refused.' }),
    reason: z.string().nullable(),
    happened: z.string().nullable().meta({ description: 'The reason in words.' }),
    remedy: z.string().nullable().meta({ description: 'What to do about it.' }),
    detail: z.string().nullable().meta({ description: 'Which value, which element.' }),
    user: userReference.nullable(),
    seen: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What the provider sent, personal values masked.' }),
  })
  .meta({ id: 'SsoTrace' });

/** A sign-in as administrators see it. */
export function presentTrace(row: TraceRow): z.input<typeof traceShape> {
  const { id, at, purpose, outcome, reason, detail, seen, user_id, user_email, user_name } = row;
  const meaning = meaningOf(reason);
  return {
    id,
    at,
    purpose,
    outcome,
    stage: meaning?.stage ?? null,
    reason,
    happened: meaning?.happened ?? null,
    remedy: meaning?.remedy ?? null,
    detail,
    user: user_id === null ? null : { id: user_id, name: user_name, email: user_email },
    seen,
  };
}

/** Undefined also for a reason that another version has written. */
function meaningOf(reason: string | null): SsoReasonMeaning | undefined {
  if (reason === null || !Object.hasOwn(SSO_REASONS, reason)) return undefined;
  return SSO_REASONS[reason as keyof typeof SSO_REASONS];
}

/** What came of sign-ins: the caller “why can’t she sign in” finds it here. */
export function ssoTraceRoutes({ sso }: { readonly sso: SsoAdministration }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/sso/connections/{id}/traces',
      tag: 'Single sign-on',
      summary: 'List what came of sign-ins, the newest first',
      access: 'sso:manage',
      params: { id: 'sso_connection' },
      query: z.strictObject({ outcome: z.enum(OUTCOMES).optional(), ...page }),
      answers: { 200: pageOf(traceShape) },
      handle: async ({ by, params: { id }, query: { outcome, limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await sso.traces.list(by, id, { outcome, after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentTrace) };
      },
    }),
  ];
}
