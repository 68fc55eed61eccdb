import ipaddr from 'ipaddr.js';

/** A value of a record; numbers are written as unsigned integers of 32 bits. */
type Value = string | number | { readonly [name: string]: Value };

export interface MmdbOptions {
  /** What is known of networks; of two that overlap the longer prefix holds. */
  readonly networks: Readonly<Record<string, Value>>;
  /** Such as `GeoLite2-Country`. */
  readonly type?: string;
  readonly builtAt?: Date;
  readonly recordSize?: 24 | 32;
}

interface Node {
  /** By bit: a node, a place in the data section, or nothing. */
  readonly children: [Child, Child];
}
type Child = Node | number | undefined;

const SEPARATOR = Buffer.alloc(16);
const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/**
 * Writes a file in MMDB format, version 2.0: a tree of IPv6 in which IPv4 is below `::/96`, data, metadata
 * (https://maxmind.github.io/MaxMind-DB/).
 */
export function writeMmdb({
  networks,
  type = 'Test',
  builtAt = new Date(),
  recordSize = 24,
}: MmdbOptions): Buffer {
  const root = createNode();
  const data: Buffer[] = [];
  let dataBytes = 0;
  const byLength = Object.entries(networks)
    .map(([network, value]) => ({ ...bitsOf(network), value }))
    .sort((a, b) => a.length - b.length);
  for (const { bits, length, value } of byLength) {
    const encoded = encode(value);
    insert(root, bits.slice(0, length), dataBytes);
    data.push(encoded);
    dataBytes += encoded.length;
  }
  const nodes = numberNodes(root);
  const record = (child: Child): number => {
    if (child === undefined) return nodes.size;
    return typeof child === 'number' ? nodes.size + SEPARATOR.length + child : (nodes.get(child) as number);
  };
  const tree = Buffer.alloc((nodes.size * recordSize) / 4);
  for (const [{ children }, at] of nodes) {
    children.forEach((child, bit) => {
      tree.writeUIntBE(record(child), ((2 * at + bit) * recordSize) / 8, recordSize / 8);
    });
  }
  const metadata = map([
    ['node_count', uint32(nodes.size)],
    ['record_size', uint16(recordSize)],
    ['ip_version', uint16(6)],
    ['database_type', text(type)],
    ['languages', Buffer.concat([control(11, 1), text('en')])],
    ['binary_format_major_version', uint16(2)],
    ['binary_format_minor_version', uint16(0)],
    ['build_epoch', uint64(Math.floor(builtAt.getTime() / 1_000))],
    ['description', map([['en', text('Made by a test')]])],
  ]);
  return Buffer.concat([tree, SEPARATOR, ...data, METADATA_MARKER, metadata]);
}

const createNode = (): Node => ({ children: [undefined, undefined] });

function bitsOf(network: string): { readonly bits: readonly (0 | 1)[]; readonly length: number } {
  const [address, prefix] = ipaddr.parseCIDR(network);
  const isIpv4 = address.kind() === 'ipv4';
  const bytes = [...(isIpv4 ? Array.from({ length: 12 }, () => 0) : []), ...address.toByteArray()];
  const bits = bytes.flatMap((byte) =>
    Array.from({ length: 8 }, (_, index): 0 | 1 => (((byte >> (7 - index)) & 1) === 1 ? 1 : 0)),
  );
  return { bits, length: prefix + (isIpv4 ? 96 : 0) };
}

function insert(root: Node, bits: readonly (0 | 1)[], place: number): void {
  let node = root;
  for (const [depth, bit] of bits.entries()) {
    if (depth === bits.length - 1) {
      node.children[bit] = place;
      return;
    }
    const next = node.children[bit];
    // A shorter network is already here: both halves of it have its data until one gets its own.
    const below: Node = typeof next === 'object' ? next : { children: [next, next] };
    node.children[bit] = below;
    node = below;
  }
}

/** All nodes with their numbers, the root first. */
function numberNodes(root: Node): ReadonlyMap<Node, number> {
  const nodes = new Map<Node, number>([[root, 0]]);
  // A map is iterated with what is added meanwhile.
  for (const { children } of nodes.keys()) {
    for (const child of children) {
      if (typeof child === 'object') nodes.set(child, nodes.size);
    }
  }
  return nodes;
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return uint32(value);
  return map(Object.entries(value).map(([name, each]) => [name, encode(each)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([control(2, bytes.length), bytes]);
}

function map(entries: readonly (readonly [name: string, value: Buffer])[]): Buffer {
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, value]) => [text(name), value]),
  ]);
}

const uint16 = (value: number) => integer(5, 2, value);
const uint32 = (value: number) => integer(6, 4, value);

function integer(type: number, bytes: number, value: number): Buffer {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(value, 0, bytes);
  return Buffer.concat([control(type, bytes), written]);
}

function uint64(value: number): Buffer {
  const written = Buffer.alloc(8);
  written.writeBigUInt64BE(BigInt(value));
  return Buffer.concat([control(9, 8), written]);
}

/** The type of a field and how long it is; types from 8 on are written in a byte of their own. */
function control(type: number, size: number): Buffer {
  if (size >= 285 + 0x1_0000) throw new RangeError('A field of a test is shorter.');
  const [inControl, more] =
    size < 29 ? [size, []] : size < 285 ? [29, [size - 29]] : [30, [(size - 285) >> 8, (size - 285) & 0xff]];
  return type > 7
    ? Buffer.from([inControl, type - 7, ...more])
    : Buffer.from([(type << 5) | inControl, ...more]);
}
