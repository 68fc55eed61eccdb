/** Facility 13 is the log audit (RFC 5424 §6.2.1). */
const FACILITY = 13;
const WARNING = 4;
const INFORMATIONAL = 6;

/** What a message says of its event besides the text. */
export interface SyslogHeader {
  /** When the event happened, ISO 8601. */
  readonly at: string;
  readonly failed: boolean;
  /** The name of the server. */
  readonly host: string;
  /** Shown as the process: two organizations of one server are told apart by it. */
  readonly organization: string;
  /** The name of the event. */
  readonly action: string;
}

/**
 * Writes an event as a syslog message (RFC 5424 §6) in a frame of counted octets (RFC 6587 §3.4.1, RFC 5425 §4.3).
 * The text is UTF-8 without a byte order mark, which parsers of JSON reject: MSG-ANY of the grammar.
 * @param text one line
 */
export function frameOf({ at, failed, host, organization, action }: SyslogHeader, text: string): Buffer {
  const priority = FACILITY * 8 + (failed ? WARNING : INFORMATIONAL);
  const parts = [printable(host, 255), 'rollcall', printable(organization, 128), printable(action, 32)];
  const message = Buffer.from(`<${priority}>1 ${at} ${parts.join(' ')} - ${text}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** PRINTUSASCII of the grammar, of a length; `-` where nothing is left. */
function printable(text: string, length: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, length) || '-';
}
