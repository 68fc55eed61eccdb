import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { leafOf, levelsOf, proofOf, rootFrom, rootOf } from './merkle.ts';

const entries = (count: number) => Array.from({ length: count }, (_, number) => leafOf(`entry ${number}`));
const sha256 = (...parts: readonly (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The definition of RFC 6962 §2.1, word by word. */
function rootByDefinition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Buffer;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return sha256(Buffer.of(1), rootByDefinition(left), rootByDefinition(right));
}

describe('a Merkle tree', () => {
  test('has the root that RFC 6962 defines, for every number of leaves up to 70', () => {
    for (let count = 0; count <= 70; count += 1) {
      expect(rootOf(entries(count))).toEqual(rootByDefinition(entries(count)));
    }
  });

  test('proves each of its leaves, and no other', () => {
    for (const count of [1, 2, 3, 5, 8, 13, 64, 70]) {
      const leaves = entries(count);
      const root = rootOf(leaves);
      for (const [index, leaf] of leaves.entries()) {
        expect(rootFrom(leaf, proofOf(levelsOf(leaves), index))).toEqual(root);
        expect(rootFrom(leafOf('forged'), proofOf(levelsOf(leaves), index))).not.toEqual(root);
      }
    }
  });

  test('tells an entry from an inner node with the same bytes', () => {
    const [left, right] = entries(2) as [Buffer, Buffer];
    expect(leafOf(Buffer.concat([left, right]).toString('latin1'))).not.toEqual(rootOf([left, right]));
  });
});
