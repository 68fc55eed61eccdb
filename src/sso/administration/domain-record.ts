import { domainRecord } from '../rules/domains.ts';
import type { SsoDomainRow } from '../store/domains.ts';

/** Asks DNS for the TXT records of a name, each in its pieces. */
export type ResolveTxt = (name: string) => Promise<string[][]>;

/** Whether a DNS record exists; `unknown`: DNS did not answer. */
export type RecordState = 'found' | 'missing' | 'unknown';

const TIMEOUT_MS = 5_000;

/** What DNS answers where there is no such name, or no such record of it. */
const NOTHING: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

/** Looks for the record that proves a domain: all of one record, and nothing else in it. */
export async function findRecord(
  resolveTxt: ResolveTxt,
  { domain, token }: Pick<SsoDomainRow, 'domain' | 'token'>,
): Promise<RecordState> {
  const { name, value } = domainRecord(domain, token);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'unknown'>((resolve) => {
    timer = setTimeout(() => resolve('unknown'), TIMEOUT_MS);
  });
  const lookup = resolveTxt(name).then(
    (records): RecordState => (records.some((parts) => parts.join('') === value) ? 'found' : 'missing'),
    (error: unknown): RecordState =>
      NOTHING.has((error as { code?: unknown } | null)?.code) ? 'missing' : 'unknown',
  );
  try {
    return await Promise.race([lookup, late]);
  } finally {
    clearTimeout(timer);
  }
}
