import type { Database } from '../../platform/db.ts';
import type { Seal } from '../../platform/sealing.ts';
import type { Administer } from '../administer.ts';
import type { Links } from '../mails.ts';

export interface SignInDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
  readonly links: Links;
}
