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

/** The root of some leaves; of none, the digest of nothing. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return createHash('sha256').digest();
  let level = leaves;
  // Level by level: a node without a sibling goes up as it is, which is the same tree.
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Buffer, level[at + 1]];
      above.push(right === undefined ? left : nodeOf(left, right));
    }
    level = above;
  }
  return level[0] as Buffer;
}

/** A sibling on the way from a leaf to the root. */
export interface ProofStep {
  readonly side: 'left' | 'right';
  readonly digest: Buffer;
}

/** The siblings with which the leaf at `index` becomes the root. */
export function proofOf(leaves: readonly Buffer[], index: number): readonly ProofStep[] {
  const steps: ProofStep[] = [];
  let [level, place] = [leaves, index];
  while (level.length > 1) {
    const sibling = level[place % 2 === 0 ? place + 1 : place - 1];
    if (sibling !== undefined) steps.push({ side: place % 2 === 0 ? 'right' : 'left', digest: sibling });
    const above: Buffer[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Buffer, level[at + 1]];
      above.push(right === undefined ? left : nodeOf(left, right));
    }
    level = above;
    place = Math.floor(place / 2);
  }
  return steps;
}

/** The root that a leaf and its proof lead to. */
export function rootFrom(leaf: Buffer, proof: readonly ProofStep[]): Buffer {
  return proof.reduce(
    (digest, step) => (step.side === 'left' ? nodeOf(step.digest, digest) : nodeOf(digest, step.digest)),
    leaf,
  );
}
