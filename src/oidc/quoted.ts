import { truncate } from '../platform/truncate.ts';

/** What another user wrote, for a trace: one line, printable, not too long. */
export function quoted(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '\uFFFD');
  return `“${plain.length > 200 ? `${truncate(plain, 200)}…` : plain}”`;
}
