import { domainToASCII } from 'node:url';

/** The exact part behind the one @ of an address, in lower-case ASCII; undefined if there is none. */
export function domainOf(email: string | undefined): string | undefined {
  const parts = email?.split('@') ?? [];
  if (parts.length !== 2) return undefined;
  return domainToASCII((parts[1] as string).normalize('NFC')).toLowerCase() || undefined;
}
