import { countOf } from '../../../platform/counts.ts';
import { DAY_MS } from '../../../platform/time.ts';

/** What a connection needs of the server, whatever the provider sends. */
export interface Circumstances {
  /** The address that the provider is given begins with it. */
  readonly publicUrl: string;
  /** Tokens that are neither revoked nor expired. */
  readonly tokens: number;
  /** When the last of them ends, ISO 8601; null if one does not end. */
  readonly tokensEndAt: string | null;
  /** Requests a second that are accepted; 0 for no limit. */
  readonly perConnection: number;
  readonly perOrganization: number;
  /** Requests of the last 24 hours that were rejected since there were too many. */
  readonly throttled: number;
  readonly isDryRun: boolean;
}

export interface ServerCheck {
  readonly name: 'address' | 'token' | 'rate' | 'mode';
  readonly state: 'passed' | 'warning' | 'failed';
  /** What is so, and what to do where it is not right. */
  readonly sentence: string;
}

/** Days before its end from which on a token must be replaced. */
const TOKEN_DAYS = 14;
/** Microsoft asks servers to accept 25 requests a second. */
const LEAST_RATE = 25;

/** Checks the server's side of a connection: its address, its token, its limits. */
export function checksOf(circumstances: Circumstances, now: Date): readonly ServerCheck[] {
  return [
    checkAddress(circumstances),
    checkToken(circumstances, now),
    checkRate(circumstances),
    ...(circumstances.isDryRun
      ? [
          {
            name: 'mode',
            state: 'warning',
            sentence:
              'The connection is in a dry run: what the provider sends is answered and not written. End the dry run when its report is right.',
          } as const,
        ]
      : []),
  ];
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

function checkAddress({ publicUrl }: Circumstances): ServerCheck {
  const { protocol, hostname } = new URL(publicUrl);
  const given = `The provider is given ${publicUrl}/scim/v2`;
  if (protocol === 'https:') return { name: 'address', state: 'passed', sentence: `${given}.` };
  return LOCAL.has(hostname)
    ? {
        name: 'address',
        state: 'warning',
        sentence: `${given}, which only this machine reaches: set PUBLIC_URL to a public https address before a provider connects.`,
      }
    : {
        name: 'address',
        state: 'failed',
        sentence: `${given}, which is not encrypted: set PUBLIC_URL to the public https address of this server.`,
      };
}

function checkToken({ tokens, tokensEndAt }: Circumstances, now: Date): ServerCheck {
  const token = (state: ServerCheck['state'], sentence: string) =>
    ({ name: 'token', state, sentence }) as const;
  if (tokens === 0) {
    return token('failed', 'No token of this connection works: issue one, and enter it at the provider.');
  }
  if (tokensEndAt === null) return token('passed', 'A token works, and does not end by itself.');
  const days = Math.floor((Date.parse(tokensEndAt) - now.getTime()) / DAY_MS);
  const left = days === 0 ? 'less than a day' : countOf(days, 'day');
  return days < TOKEN_DAYS
    ? token('warning', `The last token ends in ${left}: rotate it, and enter the new one at the provider.`)
    : token('passed', `A token works for another ${left}.`);
}

function checkRate({ perConnection, perOrganization, throttled }: Circumstances): ServerCheck {
  const rate = (state: ServerCheck['state'], sentence: string) =>
    ({ name: 'rate', state, sentence }) as const;
  const limits = [perConnection, perOrganization].filter((limit) => limit > 0);
  const least = limits.length === 0 ? undefined : Math.min(...limits);
  if (least !== undefined && least < LEAST_RATE) {
    const setting = least === perConnection ? 'RATE_LIMIT_CONNECTION' : 'RATE_LIMIT_ORGANIZATION';
    return rate(
      'warning',
      `${least} requests a second are accepted, and Entra ID needs ${LEAST_RATE}: raise ${setting}.`,
    );
  }
  if (throttled > 0) {
    return rate(
      'warning',
      `${countOf(throttled, 'request was', 'requests were')} rejected in the last 24 hours since there were too many: raise RATE_LIMIT_CONNECTION if the provider does not slow down.`,
    );
  }
  return rate(
    'passed',
    least === undefined
      ? 'Requests are not limited.'
      : `${least.toLocaleString('en')} requests a second are accepted.`,
  );
}
