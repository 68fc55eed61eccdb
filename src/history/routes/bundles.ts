import { z } from 'zod';
import { downloadHeaders } from '../../rest/download.ts';
import { type Route, route } from '../../rest/route.ts';
import { instant, time } from '../../rest/shapes.ts';
import type { BundleCommands, BundleRow } from '../bundle/commands.ts';

const bundleShape = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    error: z
      .string()
      .nullable()
      .meta({ description: 'Why it could not be made, if it failed; null otherwise.', example: null }),
    asOf: time.meta({ description: 'The moment whose state is in the bundle.' }),
    from: time
      .nullable()
      .meta({ description: 'The changes from then to asOf are in it, too; null without any.' }),
    reviewId: z
      .string()
      .nullable()
      .meta({ description: 'The access review whose evidence is in it; null without any.', example: null }),
    bytes: z.int().nullable(),
    sha256: z
      .string()
      .nullable()
      .meta({ description: 'The digest of the whole file, in hexadecimal.', example: null }),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'HistoryBundle' });

const present = ({ requestedBy: _, ...row }: BundleRow): z.input<typeof bundleShape> => row;

/** Signed bundles for auditors (R151). */
export function historyBundleRoutes({
  historyBundles: bundles,
  now,
}: {
  readonly historyBundles: BundleCommands;
  readonly now: () => Date;
}): Route[] {
  const tag = 'History';
  const access = 'audit:export';
  return [
    route({
      method: 'POST',
      path: '/history/bundles',
      tag,
      summary: 'Make a bundle for an auditor',
      description:
        'The state of the organization as of a moment; with from also what changed since then, who approved it, and the sealed events; with reviewId whom and what an access review looked at, who decided what, and what was before and after. A signed zip, which `rollcall history verify` verifies without the server.',
      access,
      body: z.strictObject({
        asOf: instant.optional().meta({ description: 'The moment; now by default.' }),
        from: instant
          .optional()
          .meta({ description: 'The beginning of the span whose changes are in the bundle.' }),
        reviewId: z
          .uuid()
          .optional()
          .meta({ description: 'The access review whose evidence is in the bundle.' }),
      }),
      location: true,
      answers: { 202: bundleShape },
      errors: ['export_running', 'not_open', 'in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, body: { asOf = now().toISOString(), from, reviewId } }) => {
        const row = await bundles.begin(by, { asOf, from, reviewId });
        return {
          status: 202,
          body: present(row),
          headers: { Location: `/api/v1/history/bundles/${row.id}` },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/history/bundles/{id}',
      tag,
      summary: 'Ask how far a bundle is',
      access,
      params: { id: 'history_bundle' },
      answers: { 200: bundleShape },
      handle: async ({ by, params: { id } }) => ({ status: 200, body: present(await bundles.get(by, id)) }),
    }),
    route({
      method: 'GET',
      path: '/history/bundles/{id}/file',
      tag,
      summary: 'Download a bundle',
      description: 'For 24 hours.',
      access,
      params: { id: 'history_bundle' },
      answers: { 200: { content: 'application/zip' } },
      handle: async ({ by, params: { id } }) => {
        const { bundle, content } = await bundles.file(by, id);
        const since = bundle.from === null ? '' : `${bundle.from.slice(0, 10)} to`;
        return {
          status: 200,
          content,
          headers: downloadHeaders('zip', `rollcall history ${since}`, bundle.asOf),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/history/signing-key',
      tag,
      summary: 'Read the public key that bundles are verified with',
      access: 'audit:read',
      answers: {
        200: z.object({
          publicKey: z
            .string()
            .meta({ description: 'Ed25519, as PEM.', example: '-----BEGIN PUBLIC KEY-----' }),
          fingerprint: z.string().meta({ description: 'SHA-256 of the key as DER, in hexadecimal.' }),
        }),
      },
      handle: async ({ by }) => {
        const { publicKey, fingerprint } = await bundles.key(by);
        return { status: 200, body: { publicKey, fingerprint } };
      },
    }),
  ];
}
