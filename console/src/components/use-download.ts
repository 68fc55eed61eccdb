import { useRef, useState } from 'react';
import { ApiError, errorOf } from '../api/client.ts';
import { toast } from './toast.tsx';

/** A file that is being fetched: how many bytes have come, or why it failed. */
export type Download =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly bytes: number }
  | { readonly state: 'failed'; readonly error: unknown };

const REPORTED_MS = 500;

/** Fetches a file, says how far it is, and hands it to the browser's downloads when all of it is here. */
export function useDownload() {
  const [download, setDownload] = useState<Download>({ state: 'idle' });
  const running = useRef<AbortController>(null);
  const start = async (address: string) => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    setDownload({ state: 'running', bytes: 0 });
    try {
      const { name, content } = await fetchFile(address, control.signal, (bytes) =>
        setDownload({ state: 'running', bytes }),
      );
      save(name, content);
      setDownload({ state: 'idle' });
      toast(`${name} was downloaded, ${sizeInWords(content.size)}.`);
    } catch (error) {
      setDownload(control.signal.aborted ? { state: 'idle' } : { state: 'failed', error });
    }
  };
  const stop = () => {
    running.current?.abort();
    setDownload({ state: 'idle' });
  };
  return { download, start, stop };
}

async function fetchFile(address: string, signal: AbortSignal, onBytes: (bytes: number) => void) {
  const response = await fetch(address, { signal }).catch(() => {
    throw new ApiError('The server does not answer. Check your connection, then try again.', 0);
  });
  if (!response.ok) throw await errorOf(response);
  let [bytes, reported] = [0, Date.now()];
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (Date.now() - reported > REPORTED_MS) {
        reported = Date.now();
        onBytes(bytes);
      }
      controller.enqueue(chunk);
    },
  });
  const body = response.body?.pipeThrough(counting) ?? null;
  // The browser keeps what is large on disk.
  const content = await new Response(body).blob().catch(() => {
    throw new ApiError('The download was interrupted. Nothing was saved: try again.', 0);
  });
  return { name: nameIn(response.headers.get('Content-Disposition') ?? ''), content };
}

/** The name of a file as the API writes it: in UTF-8, where it is not ASCII, too (RFC 6266). */
function nameIn(disposition: string): string {
  const exact = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
  if (exact !== undefined) return decodeURIComponent(exact);
  return /filename="([^"]+)"/.exec(disposition)?.[1] ?? 'export';
}

function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @returns `12 kB`, `3.4 MB` */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toLocaleString('en-GB', { maximumFractionDigits: 1 })} MB`;
}
