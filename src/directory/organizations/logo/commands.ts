import { createHash, randomBytes } from 'node:crypto';
import type { CommandRunner } from '../../command-runner.ts';
import { DomainError } from '../../errors.ts';
import { notFound } from '../../not-found.ts';
import type { Authority } from '../../roles/authority.ts';
import { requireWholeOrganization } from '../../roles/rules/guards.ts';
import { logoObstacle, MAX_LOGO_BYTES, readImage } from './rules/image.ts';
import { deleteLogo, findLogo, hasLogo, type Logo, writeLogo } from './store.ts';

export interface LogoCommands {
  /** The same image again changes nothing. @throws DomainError `forbidden`, `invalid_logo`, `logo_too_large` */
  set(by: Authority, content: Buffer): Promise<Logo>;
  /** @throws DomainError `forbidden`, `not_found` */
  remove(by: Authority): Promise<void>;
}

/** Builds the commands about the logo of an organization. Needs `settings:manage`. */
export function createLogoCommands({ runner }: { readonly runner: CommandRunner }): LogoCommands {
  return {
    set: (by, content) => {
      const image = readImage(content);
      return runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'settings:manage');
        if (content.length > MAX_LOGO_BYTES) throw logoTooLarge();
        const obstacle = logoObstacle(image, content);
        if (image === undefined || obstacle !== undefined)
          throw new DomainError('invalid_logo', obstacle ?? '');
        const present = await findLogo(tx, org);
        if (present !== undefined && (await hasLogo(tx, org, content))) return present;
        const logo: Logo = { ...image, address: addressOf(content) };
        await writeLogo(tx, org, logo, content, at);
        recordEvent({
          action: 'organization.logo_changed',
          target: ['organization', org],
          changes: { values: { type: [present?.type ?? null, logo.type] } },
        });
        return logo;
      });
    },

    remove: (by) =>
      runner.runAs(by, async ({ tx, org, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'settings:manage');
        const type = await deleteLogo(tx, org);
        if (type === undefined) throw notFound('logo');
        recordEvent({
          action: 'organization.logo_removed',
          target: ['organization', org],
          changes: { values: { type: [type, null] } },
        });
      }),
  };
}

export const logoTooLarge = (): DomainError =>
  new DomainError('logo_too_large', `The file is larger than ${MAX_LOGO_BYTES / 1024} KiB: save it smaller.`);

/** With salt: who has an image cannot find out whether an organization here has it for its logo. */
const addressOf = (content: Buffer): string =>
  createHash('sha256').update(randomBytes(32)).update(content).digest('base64url');
