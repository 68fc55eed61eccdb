/**
 * Step 12 of src/saml: what an administrator sees of a message in a trace.
 * Decides what is shown, masked and shortened. Nothing here is verified, and nothing that it returns is used to decide.
 */
import { truncate } from '../platform/truncate.ts';
import type { ReceivedMessage } from './bindings.ts';
import type { XmlElement } from './xml.ts';

const MAX_CHARACTERS = 32 * 1_024;
const LONGEST = 200;

/** Elements whose text tells an administrator something and names no one; any other is masked. */
const SHOWN: ReadonlySet<string> = new Set([
  'Issuer',
  'Audience',
  'AuthnContextClassRef',
  'StatusMessage',
  'DigestValue',
]);
const SHORTENED: ReadonlySet<string> = new Set([
  'SignatureValue',
  'X509Certificate',
  'CipherValue',
  'Modulus',
]);

/**
 * What an administrator sees of a response in the trace: its XML, indented. Names and values of attributes are masked
 * to their first character and their length; signatures, certificates and what is encrypted are shortened.
 * @returns at most 32 KiB
 */
export function describeMessage({ root }: ReceivedMessage): string {
  const lines: string[] = [];
  let left = MAX_CHARACTERS;
  for (const line of linesOf(root, '')) {
    left -= line.length + 1;
    if (left < 2) return [...lines, '…'].join('\n');
    lines.push(line);
  }
  return lines.join('\n');
}

function* linesOf(element: XmlElement, indent: string): Generator<string> {
  const open = `${indent}<${[element.name, ...declarationsOf(element), ...attributesOf(element)].join(' ')}`;
  const text = element.text.trim();
  const shown = text === '' ? '' : escapeXml(masked(element.local, text));
  if (element.children.length === 0) {
    yield shown === '' ? `${open}/>` : `${open}>${shown}</${element.name}>`;
    return;
  }
  yield `${open}>${shown}`;
  for (const each of element.children) yield* linesOf(each, `${indent}  `);
  yield `${indent}</${element.name}>`;
}

function declarationsOf({ declarations }: XmlElement): readonly string[] {
  return [...declarations].map(
    ([prefix, uri]) => `xmlns${prefix && `:${prefix}`}="${escapeXml(cut(uri, LONGEST))}"`,
  );
}

/** An attribute in a namespace is written by its local name: its prefix is not kept. */
function attributesOf({ attributes }: XmlElement): readonly string[] {
  return [...attributes].map(
    ([name, value]) => `${name.replace(/^\{.*\}/, '')}="${escapeXml(cut(value, LONGEST))}"`,
  );
}

function masked(local: string, text: string): string {
  if (SHOWN.has(local)) return cut(text, LONGEST);
  if (SHORTENED.has(local)) return `${cut(text, 16)} (${text.length} characters)`;
  return `${[...text][0]}… (${text.length} characters)`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${truncate(text, length)}…`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
