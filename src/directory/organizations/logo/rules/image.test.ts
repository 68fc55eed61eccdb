import { describe, expect, test } from '@jest/globals';
import { logoObstacle, readImage } from './image.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const png = (width: number, height: number) => {
  const image = Buffer.alloc(33);
  bytes('89504e470d0a1a0a 0000000d 49484452').copy(image);
  image.writeUInt32BE(width, 16);
  image.writeUInt32BE(height, 20);
  return image;
};
/** SOI, an APP0 segment of 16 bytes, a fill byte, SOF2 (progressive). */
const jpeg = (width: number, height: number) => {
  const image = Buffer.concat([
    bytes('ffd8 ffe0 0010'),
    Buffer.alloc(14),
    bytes('ffff c2 0011 08'),
    Buffer.alloc(20),
  ]);
  const frame = image.indexOf(bytes('ffc2'));
  image.writeUInt16BE(height, frame + 5);
  image.writeUInt16BE(width, frame + 7);
  return image;
};
const webp = (chunk: string, rest: string) =>
  Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WEBP'),
    Buffer.from(chunk),
    Buffer.alloc(4),
    bytes(rest),
    Buffer.alloc(8),
  ]);

describe('readImage', () => {
  test.each([
    ['image/png', png(320, 96), 320, 96],
    ['image/jpeg', jpeg(640, 480), 640, 480],
    ['image/webp', webp('VP8 ', '000000 9d012a 4001 f000'), 320, 240],
    ['image/webp', webp('VP8L', '2f 3fc1 3b00'), 320, 240],
    ['image/webp', webp('VP8X', '00000000 3f0100 ef0000'), 320, 240],
  ])('reads type and size of %s', (type, image, width, height) => {
    expect(readImage(image)).toEqual({ type, width, height });
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['an empty image', png(0, 5)],
    ['a GIF', Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00aaaaaaaaaaaaaaaaaaaaaa')],
    ['the beginning of a JPEG', bytes('ffd8ffe00010')],
    ['a JPEG whose segments never end', Buffer.concat([bytes('ffd8'), Buffer.alloc(65_536, 0xff)])],
    [
      'a JPEG whose segment says that it is empty',
      Buffer.concat([bytes('ffd8 ffe0 0000'), Buffer.alloc(64)]),
    ],
    ['a WebP of an unknown chunk', webp('ALPH', '00')],
  ])('knows that %s is no image', (_name, image) => {
    expect(readImage(image)).toBeUndefined();
  });
});

test('a refusal is one sentence that says what to change', () => {
  const refused = (image: Buffer) => logoObstacle(readImage(image), image);
  expect(refused(png(2_048, 2_048))).toBeUndefined();
  expect(refused(png(2_049, 10))).toBe('The image has 2049 × 10 pixels: make it 2048 × 2048 or smaller.');
  expect(refused(Buffer.from('\n <svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatch(
    /^An SVG may hold scripts/,
  );
  expect(refused(Buffer.from('hello'))).toMatch(/^The file is not a PNG, JPEG or WebP image/);
});
