/**
 * Cells for a page that asks a wallet to send a message: built from fields, read from a BoC and written as one. @ton/core does all of
 * it and more for twelve times the bytes (`npm run bench -- connect`).
 * @see tblkch.pdf, 3.1.4 and 5.3.9; contracts/tests/connect-cells.test.ts compares every cell with @ton/core's.
 */
import { cellData } from "../signed-cell.ts";
import type { Field } from "../signed-cell.ts";

/** A cell as it is serialised: its two descriptors, its bits as bytes, and the cells it refers to. */
export interface Cell {
  readonly descriptors: readonly [number, number];
  readonly data: ArrayLike<number>;
  readonly refs: readonly Cell[];
}

/** An ordinary cell. */
export function cellOf(fields: readonly Field[], refs: readonly Cell[] = []): Cell {
  const { descriptor, data } = cellData(fields);
  return { descriptors: [refs.length, descriptor], data, refs };
}

/** The representation hash, 32 bytes. Only for trees of ordinary cells: an exotic cell's hash depends on its level. */
export async function hashOf(cell: Cell): Promise<Uint8Array> {
  return (await identify(cell)).hash;
}

async function identify({ descriptors, data, refs }: Cell): Promise<{ hash: Uint8Array; depth: number }> {
  const children = await Promise.all(refs.map(identify));
  const bytes = Uint8Array.from([
    ...descriptors,
    ...Array.from(data),
    ...children.flatMap(({ depth }) => [depth >> 8, depth & 255]),
    ...children.flatMap(({ hash }) => [...hash]),
  ]);
  return {
    hash: new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
    depth: Math.max(0, ...children.map(({ depth }) => depth + 1)),
  };
}
