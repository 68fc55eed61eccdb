import { caseKey } from '../directory/rules/keys.ts';
import { type RecoveredOwner, recoverOwner } from '../directory/sign-in/owner-recovery.ts';
import { RESET_MINUTES } from '../directory/sign-in/password-resets.ts';
import { findHolders } from '../directory/store/imports.ts';
import { ensureEventPartitions } from '../directory/store/partitions.ts';
import { openDatabase } from '../platform/db.ts';
import {
  type Command,
  CommandError,
  parseSubject,
  print,
  readConfig,
  serverUrl,
  UsageError,
} from './command.ts';
import { requireMigrated, withDatabase } from './database.ts';
import { chooseOrganization } from './organization.ts';
import { readSecretLines } from './secret-lines.ts';

const help = `Usage: rollcall owner reset <e-mail> [options]

Lets an owner in who cannot sign in any more: unlocks the account and prints a link to choose a new password, which
works once and for ${RESET_MINUTES} minutes. It is recorded in the audit trail as done on the command line. Give it the server's
settings: the link begins with PUBLIC_URL.

The database is the one of DATABASE_URL, else the embedded one of DATA_DIR, whether its server is running or not.

Options:
  --password-stdin      read the new password from standard input, a line, instead; it ends all sessions
  --drop-second-factor  also remove the authenticator app and the recovery codes
  --activate            also make an inactive account active
  --org <id or name>    the organization, where there are several
  -h, --help            print this
`;

const options = {
  'password-stdin': { type: 'boolean', default: false },
  'drop-second-factor': { type: 'boolean', default: false },
  activate: { type: 'boolean', default: false },
  org: { type: 'string' },
} as const;

export const ownerCommand: Command = {
  summary: 'let an owner in who cannot sign in any more',
  help,
  run: async ([action, ...args]) => {
    if (action !== 'reset') throw new UsageError('Say what to do: rollcall owner reset <e-mail>.');
    const { subject: email, given } = parseSubject(
      args,
      options,
      'Name the owner: rollcall owner reset owner@acme.example.',
    );
    const [password] = await readSecretLines(given['password-stdin'] ? 1 : 0);
    const config = readConfig();
    return withDatabase(config, async (url) => {
      await requireMigrated(url);
      const db = openDatabase({ url, connections: 8 });
      try {
        await ensureEventPartitions(db, new Date());
        const { id: org, name } = await chooseOrganization(db, given.org);
        const key = caseKey(email.trim());
        const user = (await findHolders(db, org, [key])).get(key);
        if (user === undefined) throw new CommandError(`No user of ${name} has the address ${email}.`);
        const publicUrl = serverUrl(config);
        const intent = {
          password,
          dropSecondFactor: given['drop-second-factor'],
          activate: given.activate,
        };
        print(
          describe(await recoverOwner({ db, now: () => new Date(), publicUrl }, org, user, intent), name),
        );
        return 0;
      } finally {
        await db.close();
      }
    });
  },
};

function describe(owner: RecoveredOwner, organization: string): string {
  const { email, name, link, unlocked, activated, secondFactorDropped } = owner;
  return [
    `Owner of ${organization}: ${name === undefined ? email : `${name} <${email}>`}`,
    ...(activated ? ['The account is active again.'] : []),
    ...(unlocked ? ['The account is unlocked.'] : []),
    ...(secondFactorDropped ? ['The second factor is removed: set one up after signing in.'] : []),
    ...(link === undefined
      ? ['The password is set, and all sessions have ended.']
      : [`Choose a new password here, within ${RESET_MINUTES} minutes; the link works once:`, `  ${link}`]),
  ].join('\n');
}
