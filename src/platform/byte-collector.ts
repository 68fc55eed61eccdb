/** Collects chunks of bytes in one growing buffer. */
export interface ByteCollector {
  readonly size: number;
  /** Adds a piece. @returns false, and adds nothing, if that would be more than the limit */
  add(chunk: Uint8Array): boolean;
  /** Everything so far; the collector is of no further use. */
  take(): Buffer;
}

const FIRST_BYTES = 1_024;

/**
 * Builds a collector. Pieces are copied, never kept: an unauthenticated client who sends one byte at a time would otherwise make the
 * process hold an object and a slice of the socket's buffer for each of them.
 * @param limit bytes
 */
export function createByteCollector(limit: number): ByteCollector {
  let buffer = Buffer.alloc(0);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add: (chunk) => {
      const needed = size + chunk.length;
      if (needed > limit) return false;
      if (needed > buffer.length) {
        const grown = Buffer.allocUnsafeSlow(
          Math.min(limit, Math.max(needed, buffer.length * 2, FIRST_BYTES)),
        );
        buffer.copy(grown, 0, 0, size);
        buffer = grown;
      }
      buffer.set(chunk, size);
      size = needed;
      return true;
    },
    take: () => buffer.subarray(0, size),
  };
}
