/**
 * The cumulative reward tree: a TON dictionary from an owner's account hash (256 bits) to everything that owner ever earned
 * (`Coins`), known only by its hashes. Bit for bit what `@ton/core`'s Dictionary serialises, without its cells: @ton/core needs
 * 52 s for one proof at 100,000 leaves. A tree of n leaves has n leaf edges and n − 1 forks, and over sorted keys a fork is named
 * by the index of its first right-hand leaf; so two flat arrays hold every hash a proof may need: 66 bytes a leaf.
 */
import { beginCell } from "@ton/core";
import type { Cell } from "@ton/core";
import { sha256_sync } from "@ton/crypto";
import { CellBits, HASH_BYTES, KEY_BITS, keyBit } from "./cell-bits.ts";
import type { ChildHash, Sha256 } from "./cell-bits.ts";

/** Leaves in strictly ascending order of their key; amounts are nano units. */
export interface RewardLeaves {
  /** 32 bytes a leaf. */
  keys: Uint8Array;
  amounts: BigUint64Array;
}

/** An edge of the tree: leaves `low` to `high`, whose keys agree up to bit `from`. */
interface Edge {
  low: number;
  high: number;
  from: number;
}

export class RewardTree {
  readonly root: Uint8Array;
  readonly #leaves: RewardLeaves;
  readonly #sha256: Sha256;
  readonly #bits = new CellBits();
  readonly #leafHashes: Uint8Array;
  readonly #forkHashes: Uint8Array;
  readonly #forkDepths: Uint16Array;

  /**
   * Hashes the whole tree. `sha256` may be a faster one of the platform; the default runs everywhere.
   * Throws when there is no leaf, or leaves are out of order, doubled, or of amount zero.
   */
  constructor(leaves: RewardLeaves, sha256: Sha256 = sha256_sync) {
    const count = leaves.amounts.length;
    assertLeaves(leaves);
    this.#leaves = leaves;
    this.#sha256 = sha256;
    this.#leafHashes = new Uint8Array(count * HASH_BYTES);
    this.#forkHashes = new Uint8Array(count * HASH_BYTES);
    this.#forkDepths = new Uint16Array(count);
    this.root = Uint8Array.from(this.#build({ low: 0, high: count, from: 0 }).hash);
  }

  get size(): number {
    return this.#leaves.amounts.length;
  }

  /** The sum of all leaves. */
  get total(): bigint {
    return this.#leaves.amounts.reduce((sum, amount) => sum + amount, 0n);
  }

  /** Everything this owner ever earned according to this tree; 0 for an owner who is not in it. */
  amountOf(owner: Uint8Array): bigint {
    const index = this.#find(owner);
    return index === null ? 0n : this.#leaves.amounts[index]!;
  }

  /** A Merkle proof cell of this owner's leaf, or of its absence. */
  proof(owner: Uint8Array): Cell {
    if (owner.length !== HASH_BYTES)
      throw new Error(`An owner is an account hash of ${HASH_BYTES} bytes, not ${owner.length}`);
    const path = this.#path({ low: 0, high: this.size, from: 0 }, owner);
    return beginCell()
      .storeUint(3, 8)
      .storeBuffer(Buffer.from(path.hash(0)))
      .storeUint(path.depth(0), 16)
      .storeRef(path)
      .endCell({ exotic: true });
  }

  #build(edge: Edge): ChildHash {
    const fork = this.#forkBit(edge);
    if (fork === null) {
      this.#writeLeaf(edge);
      this.#leafHashes.set(this.#bits.hash([], this.#sha256), edge.low * HASH_BYTES);
      return this.#leafHash(edge.low);
    }
    const { middle, left, right } = this.#halves(edge, fork);
    const children = [this.#build(left), this.#build(right)];
    this.#writeLabel(edge, fork);
    this.#forkHashes.set(this.#bits.hash(children, this.#sha256), middle * HASH_BYTES);
    this.#forkDepths[middle] = 1 + Math.max(children[0]!.depth, children[1]!.depth);
    return this.#forkHash(middle);
  }

  #path(edge: Edge, owner: Uint8Array): Cell {
    const fork = this.#forkBit(edge);
    if (fork === null) {
      this.#writeLeaf(edge);
      return this.#bits.toBuilder().endCell();
    }
    const { left, right } = this.#halves(edge, fork);
    this.#writeLabel(edge, fork);
    const cell = this.#bits.toBuilder();
    const first = edge.low * HASH_BYTES;
    const onThisEdge = commonBits(this.#leaves.keys, first, owner, 0, edge.from) >= fork;
    const side = keyBit(owner, 0, fork);
    return cell
      .storeRef(onThisEdge && side === 0 ? this.#path(left, owner) : this.#pruned(left))
      .storeRef(onThisEdge && side === 1 ? this.#path(right, owner) : this.#pruned(right))
      .endCell();
  }

  #pruned(edge: Edge): Cell {
    const fork = this.#forkBit(edge);
    const { hash, depth } = fork === null ? this.#leafHash(edge.low) : this.#forkHash(this.#halves(edge, fork).middle);
    return beginCell()
      .storeUint(0x0101, 16)
      .storeBuffer(Buffer.from(hash))
      .storeUint(depth, 16)
      .endCell({ exotic: true });
  }

  /** The first bit in which the leaves of an edge differ; null for a single leaf. Keys are sorted, so the first and last suffice. */
  #forkBit({ low, high, from }: Edge): number | null {
    if (high - low === 1) return null;
    const { keys } = this.#leaves;
    return commonBits(keys, low * HASH_BYTES, keys, (high - 1) * HASH_BYTES, from);
  }

  #halves({ low, high }: Edge, fork: number): { middle: number; left: Edge; right: Edge } {
    const { keys } = this.#leaves;
    let zero = low;
    let middle = high - 1;
    while (middle - zero > 1) {
      const probe = (zero + middle) >> 1;
      if (keyBit(keys, probe * HASH_BYTES, fork) === 0) zero = probe;
      else middle = probe;
    }
    return { middle, left: { low, high: middle, from: fork + 1 }, right: { low: middle, high, from: fork + 1 } };
  }

  #writeLabel({ low, from }: Edge, to: number): void {
    this.#bits.reset();
    this.#bits.label(this.#leaves.keys, low * HASH_BYTES, from, to);
  }

  #writeLeaf(edge: Edge): void {
    this.#writeLabel(edge, KEY_BITS);
    this.#bits.coins(this.#leaves.amounts[edge.low]!);
  }

  #leafHash(index: number): ChildHash {
    return { hash: this.#leafHashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES), depth: 0 };
  }

  #forkHash(middle: number): ChildHash {
    const hash = this.#forkHashes.subarray(middle * HASH_BYTES, (middle + 1) * HASH_BYTES);
    return { hash, depth: this.#forkDepths[middle]! };
  }

  #find(owner: Uint8Array): number | null {
    let low = 0;
    let high = this.size - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = compareKeys(this.#leaves.keys, middle * HASH_BYTES, owner, 0);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }
}

function assertLeaves({ keys, amounts }: RewardLeaves): void {
  if (amounts.length === 0) throw new Error("A reward tree needs at least one leaf");
  if (keys.length !== amounts.length * HASH_BYTES) throw new Error("Each leaf needs a key of 32 bytes and one amount");
  for (let index = 0; index < amounts.length; index++) {
    if (amounts[index] === 0n) throw new Error(`Leaf ${index} has no amount: leave owners without earnings out`);
    if (index > 0 && compareKeys(keys, (index - 1) * HASH_BYTES, keys, index * HASH_BYTES) >= 0)
      throw new Error(`Leaf ${index} is out of order or doubled: sort leaves by key, each owner once`);
  }
}

function compareKeys(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  for (let byte = 0; byte < HASH_BYTES; byte++) {
    const order = a[aAt + byte]! - b[bAt + byte]!;
    if (order !== 0) return order;
  }
  return 0;
}

/** How many leading bits two keys share, given that they share the first `from`. */
function commonBits(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, from: number): number {
  for (let byte = from >> 3; byte < HASH_BYTES; byte++) {
    const difference = a[aAt + byte]! ^ b[bAt + byte]!;
    if (difference !== 0) return byte * 8 + Math.clz32(difference) - 24;
  }
  return KEY_BITS;
}
