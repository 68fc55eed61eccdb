import { type Core, createCore } from './core.ts';
import type { OpenPast } from './demonstration/past.ts';
import type { Features } from './features.ts';
import type { CarryOut } from './provisioning/log/replay.ts';
import { createRouteCalls } from './rest/in-process.ts';

/** Builds what a demonstration is played with: this server's features with another clock, so that a month takes seconds. */
export function createOpenPast({
  featuresWith,
  carryOutWith,
  flushLog,
  makeKey,
  ...core
}: Core & {
  readonly featuresWith: (core: Core) => Features;
  readonly carryOutWith: (core: Core) => CarryOut;
  readonly flushLog: () => Promise<void>;
  readonly makeKey: () => Promise<{ readonly certificatePem: string }>;
}): OpenPast {
  return (now) => {
    let lastToken = '';
    const past = createCore({ ...core, now });
    const links: Core['links'] = {
      ...past.links,
      invitation: (token) => {
        lastToken = token;
        return past.links.invitation(token);
      },
    };
    const { allRoutes, alerts, audit, access, reviews } = featuresWith({ ...past, links });
    return {
      runner: past.runner,
      seal: core.seal,
      call: createRouteCalls(allRoutes),
      carryOut: carryOutWith(past),
      flushLog,
      lastInvitation: () => lastToken,
      watch: alerts.detection.watchOrganization,
      sealEvents: (org, signal) => audit.sealEvents(signal, [org]),
      expireElevations: access.expiry.recordExpiredOf,
      openReview: reviews.opening.open,
      makeCertificate: async () => (await makeKey()).certificatePem,
    };
  };
}
