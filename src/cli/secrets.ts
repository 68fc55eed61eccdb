import { type RotatedPlace, rotateSecrets } from '../directory/secrets/rotation.ts';
import { openDatabase } from '../platform/db.ts';
import { type Command, parseSubject, print, readConfig, UsageError } from './command.ts';
import { requireMigrated, withDatabase } from './database.ts';
import { createProgressBar } from './progress-bar.ts';
import { loadServerKeys } from './server-keys.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall secrets rotate [options]

Encrypts every stored secret (authenticators, webhook secrets, client secrets and keys of single sign-on, mails that
wait, sessions) with the current key, SECRET_KEY, after reading it with that or one of SECRET_KEY_PREVIOUS. Servers go on
meanwhile; all of them must have the current key already. It can be stopped at any time: the same command goes on
where it was. docs/production.md, "Rotating the key", has the steps.

Options:
  --lost-key  also when secrets remain that no key opens: give them up, so that servers start with the current key.
              People whose authenticator was given up need it reset, webhooks and single sign-on new secrets
  -h, --help  print this

Exit code 1: secrets remain that no key opens.
`;

export const secretsCommand: Command = {
  summary: 'rotate the key that secrets at rest are encrypted with',
  help,
  run: async (args) => {
    const { subject, given } = parseSubject(
      args,
      { 'lost-key': { type: 'boolean', default: false } } as const,
      'Say what to do: rollcall secrets rotate.',
    );
    if (subject !== 'rotate') throw new UsageError(`There is no "rollcall secrets ${subject}": see --help.`);
    return rotate(given['lost-key']);
  },
};

async function rotate(giveUpUnreadable: boolean): Promise<number> {
  const config = readConfig();
  const keys = await loadServerKeys(config);
  return withDatabase(config, async (url) => {
    await requireMigrated(url);
    const db = openDatabase({ url, connections: 8 });
    const bar = createProgressBar(process.stdout);
    try {
      const places = await rotateSecrets(db, keys, { giveUpUnreadable, onProgress: bar.show });
      bar.end();
      print(describe(places, keys.previous.length, giveUpUnreadable));
      return giveUpUnreadable || unreadableOf(places) === 0 ? 0 : 1;
    } finally {
      bar.end();
      await db.close();
    }
  });
}

const unreadableOf = (places: readonly RotatedPlace[]) =>
  places.reduce((sum, { unreadable }) => sum + unreadable, 0);

function describe(places: readonly RotatedPlace[], previous: number, giveUpUnreadable: boolean): string {
  const rows = alignRows([
    ['  stored in', 'encrypted now', 'before', 'unreadable'],
    ...places.map(({ place, resealed, current, unreadable }) => [
      `  ${place}`,
      ...[resealed, current, unreadable].map(String),
    ]),
  ]);
  return [...rows, '', ending(unreadableOf(places), previous, giveUpUnreadable)].join('\n');
}

function ending(unreadable: number, previous: number, giveUpUnreadable: boolean): string {
  if (unreadable > 0 && !giveUpUnreadable) {
    return (
      `No key opens ${unreadable} of them: add the key that they were encrypted with to SECRET_KEY_PREVIOUS and run ` +
      'this again. If it is lost, run: rollcall secrets rotate --lost-key.'
    );
  }
  const given = unreadable > 0 ? `${unreadable} that no key opens were given up. ` : '';
  const next =
    previous === 0
      ? 'There is no older key to remove.'
      : `Remove ${previous === 1 ? 'the older key' : `all ${previous} older keys`} from SECRET_KEY_PREVIOUS (or the further lines of SECRET_KEY_FILE), and start the servers again.`;
  return `${given}Every stored secret that can be read is encrypted with the current key. ${next}`;
}
