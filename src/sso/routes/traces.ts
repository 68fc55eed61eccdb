import { z } from 'zod';
import { ROLES } from '../../directory/roles/rules/roles.ts';
import { userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { idCursor, page, pageById, pageOf, readCursor, time } from '../../rest/shapes.ts';
import type { SsoAdministration } from '../administration/administration.ts';
import type { SignInTrace } from '../administration/traces.ts';
import { SSO_REASONS, type SsoReasonMeaning } from '../rules/reasons.ts';
import { describeWouldBe } from '../rules/would-be.ts';

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
    wouldBe: z
      .object({
        kind: z.enum(['admit', 'create', 'confirm', 'refuse']).meta({
          description:
            'admit: the user would be signed in. create: an account would be made. confirm: they would have to prove by mail that an account is theirs. refuse: they could not sign in.',
          example: 'create',
        }),
        sentence: z.string().meta({
          description: 'The same in words.',
          example: 'When this user signs in, an account is created for them.',
        }),
        remedy: z.string().nullable().meta({ description: 'What to do where they could not sign in.' }),
        role: z.enum(ROLES).nullable().meta({
          description: 'The role that they would get; null if it stays as it is.',
          example: 'train',
        }),
        joins: z.array(z.string()).meta({
          description: 'Groups that they would be in, as the provider calls them.',
          example: ['Engineering'],
        }),
        creates: z.array(z.string()).meta({ description: 'Groups that would be made.', example: [] }),
        ignored: z
          .array(
            z.object({
              name: z.string(),
              why: z.string().meta({ description: 'Why.', example: 'unknown' }),
            }),
          )
          .meta({ description: 'Groups of the provider that would give nothing.' }),
      })
      .nullable()
      .meta({ description: 'What a test would have come to, were it a sign-in; null of other sign-ins.' }),
    seen: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What the provider sent, personal values masked.' }),
  })
  .meta({ id: 'SsoTrace' });

/** A sign-in as administrators see it. */
export function presentTrace(row: SignInTrace): z.input<typeof traceShape> {
  const { id, at, purpose, outcome, reason, detail, seen, user, userEmail, userName } = row;
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
    user: user === null ? null : { id: user, name: userName, email: userEmail },
    wouldBe: presentWouldBe(seen['wouldBe']),
    seen,
  };
}

const storedWouldBe = z.object({
  kind: z.enum(['admit', 'create', 'confirm', 'refuse']),
  reason: z.string().optional(),
  role: z.enum(ROLES).nullable().default(null),
  joins: z.array(z.string()).default([]),
  creates: z.array(z.string()).default([]),
  ignored: z.array(z.object({ name: z.string(), why: z.string() })).default([]),
});

/** Null also for what another version has written and this one does not know. */
function presentWouldBe(stored: unknown): z.input<typeof traceShape>['wouldBe'] {
  const { data } = storedWouldBe.safeParse(stored);
  if (data === undefined) return null;
  const { kind, reason = '', role, joins, creates, ignored } = data;
  if (kind === 'refuse' && !Object.hasOwn(SSO_REASONS, reason)) return null;
  const { sentence, remedy = null } = describeWouldBe(
    kind === 'refuse' ? { kind, reason: reason as keyof typeof SSO_REASONS } : { kind },
  );
  return { kind, sentence, remedy, role, joins, creates, ignored };
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
