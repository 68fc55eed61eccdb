import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, isThere, makeOnce, output, readChecks } from './programs.ts';
import type { Check, Installed, Suite } from './suite.ts';

const PACKAGES = ['scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2', 'scim-sanity==0.7.4'];

const client = (file: string) => fileURLToPath(new URL(`clients/${file}`, import.meta.url));

/** The suites of PyPI share one virtual environment. */
export const pythonSuites: readonly Suite[] = [
  printing({ name: 'scim2-tester', version: '0.5.2', strict: false, file: 'scim2_tester_run.py' }),
  printing({ name: 'scim2-tester, strict', version: '0.5.2', strict: true, file: 'scim2_tester_run.py' }),
  printing({ name: 'scim2-client', version: '0.13.2', strict: false, file: 'scim2_client_sync.py' }),
  {
    name: 'scim-sanity',
    version: '0.7.4',
    source: 'PyPI',
    strict: false,
    install: (cache) =>
      inEnvironment(cache, (bin) => async ({ base, token }) => {
        const args = ['probe', base, '--token', token, '--i-accept-side-effects', '--json-output'];
        return readProbe(await output(join(bin, 'scim-sanity'), args));
      }),
  },
];

function printing({ file, ...suite }: Pick<Suite, 'name' | 'version' | 'strict'> & { file: string }): Suite {
  return {
    ...suite,
    source: 'PyPI',
    install: (cache) =>
      inEnvironment(
        cache,
        (bin) =>
          async ({ base, token }) =>
            readChecks(await output(join(bin, 'python'), [client(file), base, token])),
      ),
  };
}

async function inEnvironment(
  cache: string,
  use: (bin: string) => Extract<Installed, { run: unknown }>['run'],
): Promise<Installed> {
  if (!(await isThere('python3', '-m', 'venv', '--help')))
    return { missing: 'it needs python3 with its venv module' };
  const folder = join(cache, 'python');
  const problem = await makeOnce(folder, async () => {
    await install('python3', ['-m', 'venv', folder]);
    await install(join(folder, 'bin/pip'), ['install', '--quiet', ...PACKAGES]);
  });
  return problem === undefined ? { run: use(join(folder, 'bin')) } : { missing: problem };
}

interface Probe {
  readonly results: readonly { name: string; status: string; message?: string; phase: string }[];
}

/** scim-sanity exits with an error if a check fails: what counts is its report. */
function readProbe({ stdout, failure }: Awaited<ReturnType<typeof output>>): readonly Check[] {
  const start = stdout.indexOf('{');
  if (start === -1) throw new Error(`scim-sanity printed no report: ${failure ?? stdout.slice(0, 200)}`);
  const { results } = JSON.parse(stdout.slice(start)) as Probe;
  return results
    .filter(({ status }) => status !== 'skip')
    .map(({ name, status, message = '' }) => ({
      name,
      passed: status === 'pass',
      detail: status === 'pass' ? '' : message.replaceAll(/\s+/g, ' '),
    }));
}
