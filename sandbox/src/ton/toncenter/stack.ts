/** Conversion between the TVM stack and toncenter's wire format. */
import { Cell, parseTuple } from "@ton/core";
import type { TupleItem } from "@ton/core";
import { z } from "zod";
import { readBoc } from "./inputs.ts";

/** Most arguments a get method may have. */
const ARGUMENTS_MAX = 128;
/** 257 bits signed, in decimal or hex. */
const INTEGER = /^-?(?:0x[0-9a-fA-F]{1,65}|\d{1,78})$/;
const LARGEST = 2n ** 256n;

export const StackInput = z
  .array(z.tuple([z.string(), z.unknown()]))
  .max(ARGUMENTS_MAX)
  .transform((items, context) =>
    items.map(([type, value]): TupleItem => {
      const item = readItem(type, value);
      if (item) return item;
      context.addIssue({ code: "custom", message: `Unsupported stack item: ${type.slice(0, 40)}` });
      return z.NEVER;
    }),
  );

function readItem(type: string, value: unknown): TupleItem | null {
  if (type === "num" || type === "number" || type === "int") {
    const integer = readInteger(String(value));
    return integer === null ? null : { type: "int", value: integer };
  }
  const cell = typeof value === "string" ? readBoc(value) : null;
  if (!cell) return null;
  if (type === "tvm.Cell" || type === "cell") return { type: "cell", cell };
  if (type === "tvm.Slice" || type === "slice") return { type: "slice", cell };
  if (type === "tvm.Builder" || type === "builder") return { type: "builder", cell };
  return null;
}

function readInteger(text: string): bigint | null {
  if (!INTEGER.test(text)) return null;
  const magnitude = BigInt(text.replace("-", ""));
  const value = text.startsWith("-") ? -magnitude : magnitude;
  return value >= -LARGEST && value < LARGEST ? value : null;
}

/** `stack` is the emulator's result: one tuple cell, base64. */
export function stackView(stack: string): unknown[] {
  return parseTuple(Cell.fromBase64(stack)).map(topView);
}

function topView(item: TupleItem): [string, unknown] {
  switch (item.type) {
    case "int":
      return ["num", item.value < 0n ? `-0x${(-item.value).toString(16)}` : `0x${item.value.toString(16)}`];
    case "nan":
      return ["num", "NaN"];
    case "null":
      return ["list", { "@type": "tvm.list", elements: [] }];
    case "cell":
    case "slice":
    case "builder":
      return [item.type, { bytes: boc(item.cell) }];
    case "tuple":
      return ["tuple", { "@type": "tvm.tuple", elements: item.items.map(elementView) }];
  }
}

function elementView(item: TupleItem): Record<string, unknown> {
  switch (item.type) {
    case "int":
      return entry("Number", { number: { "@type": "tvm.numberDecimal", number: item.value.toString() } });
    case "nan":
      return entry("Number", { number: { "@type": "tvm.numberDecimal", number: "NaN" } });
    case "null":
      return entry("List", { list: { "@type": "tvm.list", elements: [] } });
    case "cell":
      return entry("Cell", { cell: { "@type": "tvm.cell", bytes: boc(item.cell) } });
    case "slice":
    case "builder":
      return entry("Slice", { slice: { "@type": "tvm.slice", bytes: boc(item.cell) } });
    case "tuple":
      return entry("Tuple", { tuple: { "@type": "tvm.tuple", elements: item.items.map(elementView) } });
  }
}

function entry(kind: string, content: object): Record<string, unknown> {
  return { "@type": `tvm.stackEntry${kind}`, ...content };
}

function boc(cell: Cell): string {
  return cell.toBoc().toString("base64");
}
