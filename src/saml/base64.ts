const GROUPS = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The bytes of base64 as XML writes it: white space anywhere, otherwise strict (RFC 4648 §3.5), so that one value has
 * one text.
 * @returns undefined for anything else, and for nothing
 */
export function decodeBase64(text: string): Buffer | undefined {
  const packed = text.replace(/[ \t\r\n]+/g, '');
  if (packed === '' || packed.length % 4 !== 0 || !GROUPS.test(packed)) return undefined;
  const bytes = Buffer.from(packed, 'base64');
  return bytes.toString('base64') === packed ? bytes : undefined;
}
