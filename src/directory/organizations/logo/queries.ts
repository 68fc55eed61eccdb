import type { Database } from '../../../platform/db/database.ts';
import type { OrgId } from '../../ids.ts';
import { findLogo, findLogoContent } from './store.ts';

export interface LogoQueries {
  /** The path of an organization's logo; undefined without one. For pages that name the organization anyway. */
  pathOf(org: OrgId): Promise<string | undefined>;
  /** The image at the last part of such a path. */
  read(address: string): Promise<{ readonly type: string; readonly content: Buffer } | undefined>;
}

/** Where the logos are served. */
export const logoPath = (address: string): string => `/logo/${address}`;

const ADDRESS = /^[\w-]{43}$/;

/** Builds the questions about logos. */
export function createLogoQueries({ db }: { readonly db: Database }): LogoQueries {
  return {
    pathOf: async (org) => {
      const logo = await findLogo(db, org);
      return logo === undefined ? undefined : logoPath(logo.address);
    },
    read: async (address) => (ADDRESS.test(address) ? findLogoContent(db, address) : undefined),
  };
}
