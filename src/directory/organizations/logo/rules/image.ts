/** Types that every browser draws and that hold no scripts. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';

/** What an image says of itself. */
export interface Image {
  readonly type: ImageType;
  readonly width: number;
  readonly height: number;
}

/** Bytes that a logo may have. */
export const MAX_LOGO_BYTES = 256 * 1024;
/** Pixels that a logo may have in each direction: a browser unpacks it whole. */
const MAX_PIXELS = 2_048;

/** @returns why an image cannot be a logo, as a sentence; undefined if it can */
export function logoObstacle(image: Image | undefined, bytes: Buffer): string | undefined {
  if (image === undefined) {
    return isMarkup(bytes)
      ? 'An SVG may hold scripts: save the logo as PNG, JPEG or WebP.'
      : 'The file is not a PNG, JPEG or WebP image: save the logo as one of them.';
  }
  if (image.width > MAX_PIXELS || image.height > MAX_PIXELS) {
    return `The image has ${image.width} × ${image.height} pixels: make it ${MAX_PIXELS} × ${MAX_PIXELS} or smaller.`;
  }
  return undefined;
}

/** Reads the type and the size of an image from its bytes, whatever its name and its media type say. */
export function readImage(bytes: Buffer): Image | undefined {
  const image = readPng(bytes) ?? readWebp(bytes) ?? readJpeg(bytes);
  return image === undefined || image.width === 0 || image.height === 0 ? undefined : image;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const textAt = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to);

function readPng(bytes: Buffer): Image | undefined {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(PNG) || textAt(bytes, 12, 16) !== 'IHDR') {
    return undefined;
  }
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** The container of WebP, with any of its three first chunks. */
function readWebp(bytes: Buffer): Image | undefined {
  if (bytes.length < 30 || textAt(bytes, 0, 4) !== 'RIFF' || textAt(bytes, 8, 12) !== 'WEBP')
    return undefined;
  const size = (width: number, height: number): Image => ({ type: 'image/webp', width, height });
  switch (textAt(bytes, 12, 16)) {
    case 'VP8 ':
      return size(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return bytes[20] === 0x2f ? size((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1) : undefined;
    }
    case 'VP8X':
      return size(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
    default:
      return undefined;
  }
}

/** Markers that begin a frame, and so tell its size. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function readJpeg(bytes: Buffer): Image | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    if (isFrame(marker)) {
      return { type: 'image/jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    // Fill bytes may stand before a marker; each segment says how long it is.
    at += marker === 0xff ? 1 : 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return undefined;
}

const isMarkup = (bytes: Buffer): boolean => /^(?:\ufeff|\s)*</.test(bytes.subarray(0, 200).toString('utf8'));
