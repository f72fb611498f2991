import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readVoucher, writeVoucher } from "./voucher-file.ts";

const SIGNED = {
  networkId: -3,
  escrow: `0:${"5a".repeat(32)}`,
  round: 3,
  cumulative: 12_345_678_901_234_567_890n,
  signature: Buffer.alloc(64, 7),
};

test("a voucher is read as it was written, every amount to the nano unit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 119n }), (cumulative) => {
      expect(readVoucher(writeVoucher({ ...SIGNED, cumulative }))).toEqual({ ...SIGNED, cumulative });
    }),
  );
});

test("a voucher with an invalid field is refused with the field's name, any other text as a whole", () => {
  const written = JSON.parse(writeVoucher(SIGNED)) as object;
  for (const change of [{ networkId: "-3" }, { escrow: "0:5A" }, { round: null }, { cumulative: 5 }, { signature: "" }])
    expect(() => readVoucher(JSON.stringify({ ...written, ...change }))).toThrow(`voucher's ${Object.keys(change)[0]}`);
  for (const text of ["", "5", "null", "[", writeVoucher(SIGNED).padEnd(1_001)])
    expect(() => readVoucher(text)).toThrow("not a voucher");
});
