import { createHash } from 'node:crypto';
import { strToU8 } from 'fflate';
import { findOrganizationName } from '../../directory/organizations/store/organizations.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { type BundleScope, bundleParts, type PartsDependencies } from './parts.ts';
import { signerOf } from './signing.ts';
import { type BundleFile, writeZip } from './zip.ts';

export interface BundleDependencies extends PartsDependencies {
  readonly seal: SecretBox;
  readonly now: () => Date;
}

/** What `manifest.json` says. */
export interface Manifest extends BundleScope {
  readonly format: 'rollcall-history-bundle';
  readonly version: 1;
  readonly organization: { readonly id: string; readonly name: string };
  readonly completeSince: string;
  readonly createdAt: string;
  readonly createdBy: string;
  /** SHA-256 of the public key as DER. */
  readonly keyFingerprint: string;
  readonly files: readonly BundleFile[];
}

/**
 * A bundle as a zip, as it is made: one batch of rows is in memory at a time (R151).
 * @throws DomainError `before_history`, `in_the_future`, `history_incomplete`, `not_found` if there is no such review
 */
export type WriteBundle = (by: Authority, scope: BundleScope) => Promise<AsyncIterable<Uint8Array>>;

/** Builds what writes bundles. */
export function createBundleWriter(dependencies: BundleDependencies): WriteBundle {
  const { db, seal, now, history } = dependencies;
  return async (by, scope) => {
    const completeSince = await history.requireSpan(by.org, {
      from: scope.from ?? scope.asOf,
      to: scope.asOf,
    });
    const signer = await signerOf(db, seal, by.org, now());
    const createdAt = now();
    const manifest = {
      format: 'rollcall-history-bundle',
      version: 1,
      organization: { id: by.org, name: (await findOrganizationName(db, by.org)) ?? '' },
      ...scope,
      completeSince,
      createdAt: createdAt.toISOString(),
      createdBy: by.rights.id,
      keyFingerprint: signer.fingerprint,
    } as const;
    return writeZip(await bundleParts(dependencies, by, scope), createdAt, (files) => {
      const whole: Manifest = { ...manifest, files };
      const described = strToU8(`${JSON.stringify(whole, undefined, 2)}\n`);
      const key = strToU8(signer.publicKey);
      const sums = strToU8(
        [
          ...files.map(({ name, sha256 }) => [sha256, name]),
          [digestOf(described), 'manifest.json'],
          [digestOf(key), 'public-key.pem'],
        ]
          .map(([digest, name]) => `${digest}  ${name}\n`)
          .join(''),
      );
      return [
        ['manifest.json', described],
        ['public-key.pem', key],
        ['SHA256SUMS', sums],
        ['SHA256SUMS.sig', signer.sign(sums)],
      ];
    });
  };
}

const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
