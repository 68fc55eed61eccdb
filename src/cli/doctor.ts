import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { keyFileOf, loadSecretKeys } from '../config/secret-key.ts';
import type { SecretKeys } from '../platform/secret-box.ts';
import { type Command, parseOptions, readConfig } from './command.ts';
import { withDatabase } from './database.ts';
import { checkDatabase } from './doctor/database.ts';
import { type Finding, fail, warn } from './doctor/finding.ts';
import { checkLocationFiles } from './doctor/location-files.ts';
import { checkFiles, checkMail, checkPublicUrl } from './doctor/surroundings.ts';
import { createOutput, jsonOption } from './output.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall doctor [--json]

Checks the database, migrations, clocks, the secret key, files, those that say where addresses are, the public address
and mail, and says what to do. It changes nothing and sends nothing. Run it with the server's settings, as the server's
user.

Options:
  --json      print {"ok": true, "findings": [{"check", "status", "message"}]} instead
  -h, --help  print this help
`;

export const doctorCommand: Command = {
  help,
  example: 'rollcall doctor',
  failure: 'a check failed; warnings do not count.',
  run: async (args) => {
    const { json } = parseOptions(args, jsonOption);
    const config = readConfig();
    const findings = [
      ...(await checkData(config)),
      ...(await checkFiles(config)),
      ...(await checkLocationFiles(config)),
      ...(await checkPublicUrl(config)),
      await checkMail(config),
    ];
    const healthy = findings.every(({ status }) => status !== 'fail');
    createOutput(json).finish({ ok: healthy, findings }, () =>
      alignRows(findings.map(({ check, status, message }) => [status, check, message])).join('\n'),
    );
    return healthy ? 0 : 1;
  },
};

async function checkData(config: Config): Promise<Finding[]> {
  const keys = await findKeys(config);
  const missing = keys === undefined ? [missingKey(config)] : [];
  const { databaseUrl, databaseUrlDirect, dataDir } = config;
  if (databaseUrl === undefined && !existsSync(join(dataDir, 'postgres'))) {
    return [
      warn('database', `No database in ${dataDir} yet: the server creates one when it starts.`),
      ...missing,
    ];
  }
  const pooler = databaseUrlDirect === undefined ? undefined : databaseUrl;
  const findings = await withDatabase(config, (direct) => checkDatabase({ direct, pooler, keys }));
  return [...findings, ...missing];
}

/** The server's keys; unlike the server's start, it creates none. */
async function findKeys(config: Config): Promise<SecretKeys | undefined> {
  const given = config.secretKey !== undefined || config.secretKeyFile !== undefined;
  return given || existsSync(keyFileOf(config.dataDir)) ? loadSecretKeys(config) : undefined;
}

/** The first start on a database makes a key; secrets that a server encrypted before need that server's key. */
function missingKey({ databaseUrl, dataDir }: Config): Finding {
  return databaseUrl === undefined
    ? warn('secret key', `No key in ${dataDir} yet: the server creates one when it starts.`)
    : fail(
        'secret key',
        `SECRET_KEY is not set and there is no key in ${dataDir}: set the key that the servers have.`,
      );
}
