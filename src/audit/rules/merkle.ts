import { createHash } from 'node:crypto';

/**
 * A Merkle tree as RFC 6962 §2.1 (and RFC 9162) has it: SHA-256, leaves and nodes told apart by their first byte, and the
 * left subtree the largest power of two that is smaller than the number of leaves.
 */

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The digest of one entry. */
export function leafOf(entry: string): Buffer {
  return createHash('sha256').update(LEAF).update(entry, 'utf8').digest();
}

function nodeOf(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** The tree over some leaves, level by level: they come first, the root last. */
export function levelsOf(leaves: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const levels = [leaves];
  // A node without a sibling goes up as it is, which is the same tree.
  for (let level = leaves; level.length > 1; levels.push(level)) {
    const above: Buffer[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Buffer, level[at + 1]];
      above.push(right === undefined ? left : nodeOf(left, right));
    }
    level = above;
  }
  return levels;
}

/** The root of some leaves; of none, the digest of nothing. */
export const rootOf = (leaves: readonly Buffer[]): Buffer =>
  levelsOf(leaves).at(-1)?.[0] ?? createHash('sha256').digest();

/** A sibling on the way from a leaf to the root. */
export interface ProofStep {
  readonly side: 'left' | 'right';
  readonly digest: Buffer;
}

/** The siblings with which the leaf at `index` becomes the root. @param levels of the whole tree */
export function proofOf(levels: readonly (readonly Buffer[])[], index: number): readonly ProofStep[] {
  return levels.slice(0, -1).flatMap((level, height): ProofStep[] => {
    const place = Math.floor(index / 2 ** height);
    const side = place % 2 === 0 ? 'right' : 'left';
    const digest = level[side === 'right' ? place + 1 : place - 1];
    return digest === undefined ? [] : [{ side, digest }];
  });
}

/** The root that a leaf and its proof lead to. */
export function rootFrom(leaf: Buffer, proof: readonly ProofStep[]): Buffer {
  return proof.reduce(
    (digest, step) => (step.side === 'left' ? nodeOf(step.digest, digest) : nodeOf(digest, step.digest)),
    leaf,
  );
}
