/** Bags of cells in base64, the form in which wallets take and servers give cells: one root, no index, no checksum. */
import type { Cell } from "./cell.ts";

const MAGIC = 0xb5ee9c72;
const HAS_INDEX = 0x80;
const OFFSET_BYTES = 4;
/** In the first descriptor of a cell that brings its own hashes along, which only blocks have. */
const WITH_HASHES = 0x10;
/** Twice what the deepest proof has: 256 forks, each with a hash beside it. */
const CELLS_MAX = 1_024;
/** So many cells full of bits. */
const BOC_CHARS_MAX = 200_000;

export function bocOf(root: Cell): string {
  const order = topological(root);
  const width = order.length > 0xff ? 2 : 1;
  const indexes = new Map(order.map((cell, index) => [cell, index]));
  const cells = order.flatMap(({ descriptors, data, refs }) => [
    ...descriptors,
    ...Array.from(data),
    ...refs.flatMap((ref) => bigEndian(indexes.get(ref)!, width)),
  ]);
  const bytes = [
    ...bigEndian(MAGIC, 4),
    width,
    OFFSET_BYTES,
    ...[order.length, 1, 0].flatMap((count) => bigEndian(count, width)),
    ...bigEndian(cells.length, OFFSET_BYTES),
    ...bigEndian(0, width),
    ...cells,
  ];
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
}

/** The root of a BoC that has one. @throws {RangeError} when it is malformed or too large. */
export function cellOfBoc(boc: string): Cell {
  const read = readerOf(boc);
  const [magic, flags, offsetBytes] = [read(4), read(1), read(1)];
  const width = flags & 7;
  const [count, roots, absent] = [read(width), read(width), read(width)];
  read(offsetBytes);
  const rootIndex = read(width);
  if (magic !== MAGIC || roots !== 1 || absent !== 0 || count > CELLS_MAX || rootIndex >= count) throw malformed();
  if (flags & HAS_INDEX) for (let index = 0; index < count; index++) read(offsetBytes);
  return linked(Array.from({ length: count }, () => readCell(read, width)))[rootIndex]!;
}

interface UnlinkedCell extends Omit<Cell, "refs"> {
  indexes: number[];
}

function readCell(read: (width: number) => number, width: number): UnlinkedCell {
  const descriptors = [read(1), read(1)] as const;
  const refs = descriptors[0] & 7;
  if (descriptors[0] & WITH_HASHES || refs > 4) throw malformed();
  const data = Array.from({ length: Math.ceil(descriptors[1] / 2) }, () => read(1));
  return { descriptors, data, indexes: Array.from({ length: refs }, () => read(width)) };
}

/** A cell refers to later ones only, so there is no circle, and the last one is made first. */
function linked(unlinked: readonly UnlinkedCell[]): Cell[] {
  const cells: Cell[] = [];
  for (const [at, { descriptors, data, indexes }] of [...unlinked.entries()].reverse()) {
    const refs = indexes.flatMap((index) => cells[index] ?? []);
    if (refs.length < indexes.length) throw malformed();
    cells[at] = { descriptors, data, refs };
  }
  return cells;
}

/** Every cell once, before those it refers to. */
function topological(root: Cell): Cell[] {
  const seen = new Set<Cell>();
  const order: Cell[] = [];
  const visit = (cell: Cell) => {
    if (seen.has(cell)) return;
    seen.add(cell);
    cell.refs.forEach(visit);
    order.push(cell);
  };
  visit(root);
  return order.reverse();
}

/** Reads numbers, big-endian, of so many bytes. */
function readerOf(boc: string): (width: number) => number {
  const text = boc.length <= BOC_CHARS_MAX && /^[\w+/]+={0,2}$/.test(boc) ? binaryOf(boc) : "";
  let at = 0;
  return (width) => {
    at += width;
    if (width > 4 || at > text.length) throw malformed();
    return Array.from(text.slice(at - width, at)).reduce((number, char) => number * 256 + char.charCodeAt(0), 0);
  };
}

function binaryOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}

function bigEndian(number: number, width: number): number[] {
  return Array.from({ length: width }, (_, index) => Math.floor(number / 256 ** (width - 1 - index)) & 255);
}

const malformed = () => new RangeError("this is not a bag of cells with one root");
