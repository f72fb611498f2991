/** Proofs of worker keys. */
import { sign } from "node:crypto";
import { assert, constantFrom, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { proofTranscript } from "@starai/protocol/worker-frames";
import { isProven } from "./prove-worker.ts";
import { newKeys } from "../testing/scripted-worker.ts";

/** Every encoding of a point whose order divides 8, with either sign, and those that write y as y + p. */
const SMALL_ORDER = [
  `01${"00".repeat(31)}`,
  "00".repeat(32),
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].flatMap((key) => [key, withSign(key)]);

function withSign(key: string): string {
  const bytes = Buffer.from(key, "hex");
  bytes[31]! |= 0x80;
  return bytes.toString("hex");
}

const question = { serverId: "server", nonce: "00".repeat(32) };

test("the holder of a key's secret is proven, and the same signature proves no other key or challenge", () => {
  const { key, privateKey } = newKeys();
  const signature = sign(null, Buffer.from(proofTranscript({ ...question, key })), privateKey).toString("hex");
  expect(isProven({ ...question, key, signature })).toBe(true);
  expect(isProven({ ...question, key: newKeys().key, signature })).toBe(false);
  expect(isProven({ ...question, nonce: "11".repeat(32), key, signature })).toBe(false);
});

test("a key that has no secret proves nobody, whatever the challenge and the signature", () => {
  assert(
    property(
      constantFrom(...SMALL_ORDER),
      constantFrom(...SMALL_ORDER),
      uint8Array({ minLength: 32, maxLength: 32 }),
      (key, point, nonce) => {
        const asked = { ...question, nonce: Buffer.from(nonce).toString("hex") };
        expect(isProven({ ...asked, key, signature: point + "00".repeat(32) })).toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
});
