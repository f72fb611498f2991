import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readConsent, writeConsent } from "./consent-file.ts";
import { JSON_CHARS_MAX } from "./json-fields.ts";

const SIGNED = {
  networkId: -239,
  escrow: `0:${"5a".repeat(32)}`,
  round: 3,
  cumulative: 12_345_678_901_234_567_890n,
  validUntil: 1_790_000_000,
  signature: Buffer.alloc(64, 7),
};

test("a consent is read as it was written, every amount to the nano unit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 119n }), (cumulative) => {
      expect(readConsent(writeConsent({ ...SIGNED, cumulative }))).toEqual({ ...SIGNED, cumulative });
    }),
  );
});

test("a consent with an invalid field is refused with the field's name, any other text as a whole", () => {
  const changes = [
    { networkId: "-239" },
    { escrow: "0:5a" },
    { round: 1.5 },
    { cumulative: 5 },
    { cumulative: "-5" },
    { cumulative: "1".repeat(40) },
    { validUntil: null },
    { signature: "zz".repeat(64) },
    { signature: undefined },
  ];
  const written = JSON.parse(writeConsent(SIGNED)) as object;
  for (const change of changes)
    expect(() => readConsent(JSON.stringify({ ...written, ...change }))).toThrow(`consent's ${Object.keys(change)[0]}`);
  const padded = writeConsent(SIGNED).padEnd(JSON_CHARS_MAX + 1);
  for (const text of ["", "5", "null", "{", "a letter", padded])
    expect(() => readConsent(text)).toThrow("not a consent to close");
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(() => readConsent(text)).toThrow(/consent/);
    }),
  );
});
