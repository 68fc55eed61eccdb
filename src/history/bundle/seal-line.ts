import type { Seal } from '../../audit/store/seals.ts';
import type { OrgId } from '../../directory/ids.ts';

/** A line of `seals.ndjson`: what the digest of a seal is made of, apart from its leaves, which follow from the entries. */
export interface SealLine {
  readonly org_id: OrgId;
  readonly n: number;
  readonly from_position: number;
  readonly from_id: string;
  readonly to_position: number;
  readonly to_id: string;
  readonly first_at: string;
  readonly last_at: string;
  readonly rows: number;
  readonly sealed_at: string;
  /** Hexadecimal, as the next two. */
  readonly root: string;
  readonly prev: string;
  readonly digest: string;
}

export function presentSealLine(org: OrgId, seal: Seal): SealLine {
  return {
    org_id: org,
    n: seal.n,
    from_position: seal.fromPosition,
    from_id: seal.fromId,
    to_position: seal.toPosition,
    to_id: seal.toId,
    first_at: seal.firstAt,
    last_at: seal.lastAt,
    rows: seal.rows,
    sealed_at: seal.sealedAt,
    root: seal.root.toString('hex'),
    prev: seal.prev.toString('hex'),
    digest: seal.digest.toString('hex'),
  };
}

/** The seal of a line, without what follows from its entries. */
export function sealOfLine(line: SealLine): Omit<Seal, 'leaves' | 'root' | 'digest'> {
  return {
    n: line.n,
    fromPosition: line.from_position,
    fromId: line.from_id,
    toPosition: line.to_position,
    toId: line.to_id,
    firstAt: line.first_at,
    lastAt: line.last_at,
    rows: line.rows,
    sealedAt: line.sealed_at,
    prev: Buffer.from(line.prev, 'hex'),
  };
}
