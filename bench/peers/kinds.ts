/** The peers with which Rollcall is compared. */
export interface PeerKind {
  /** As the option `--peers` and the script of its process have it. */
  readonly key: string;
  /** As tables have it. */
  readonly name: string;
  /** The first one is the peer itself. */
  readonly packages: readonly [string, ...string[]];
  /** Whether it keeps its people in Postgres, as Rollcall does, or in its memory. */
  readonly hasDatabase: boolean;
}

export const peerKinds: readonly PeerKind[] = [
  {
    key: 'scimmy-routers',
    name: 'scimmy-routers',
    packages: ['scimmy-routers', 'scimmy', 'express'],
    hasDatabase: false,
  },
  { key: 'polis', name: 'Polis', packages: ['@boxyhq/saml-jackson@26.2.0'], hasDatabase: true },
  {
    key: 'better-auth',
    name: 'Better Auth',
    packages: [
      '@better-auth/scim@1.7.5',
      'better-auth@1.7.5',
      '@better-auth/core@1.7.5',
      '@better-auth/utils@0.4.2',
      'pg@8',
    ],
    hasDatabase: true,
  },
];
