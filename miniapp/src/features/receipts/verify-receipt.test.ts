import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { addsUp, verifySignature } from "./verify-receipt.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const keys = [{ id: "k1", publicKey: publicKey.export({ format: "jwk" }).x ?? "" }];
const text = '{"amount":"41203","model":"Qwen «2.5»"}';
const signed = { receipt: text, key: "k1", signature: sign(null, Buffer.from(text), privateKey).toString("base64url") };

describe("a receipt's signature", () => {
  test("is verified with the key that the server publishes", async () => {
    expect(await verifySignature(signed, keys)).toBe("verified");
  });

  test("is false for another text, another key and anything that is no signature", async () => {
    const other = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "";
    expect(await verifySignature({ ...signed, receipt: text.replace("41203", "41204") }, keys)).toBe("false");
    expect(await verifySignature(signed, [{ id: "k1", publicKey: other }])).toBe("false");
    for (const signature of ["", "?", "AAAA", `${signed.signature}AA`])
      expect(await verifySignature({ ...signed, signature }, keys)).toBe("false");
  });

  test("cannot be checked with a key that is not published, or by a browser without Ed25519", async () => {
    expect(await verifySignature({ ...signed, key: "k2" }, keys)).toBe("unknown_key");
    const without = { importKey: () => Promise.reject(new DOMException("no Ed25519", "NotSupportedError")) };
    expect(await verifySignature(signed, keys, without as unknown as SubtleCrypto)).toBe("unsupported");
  });
});

test("a receipt adds up when its legs are what was paid, and not when one is missing", () => {
  const legs = [
    { to: "worker" as const, worker: "w", amount: "37083" },
    { to: "fee" as const, worker: null, amount: "4120" },
  ];
  expect(addsUp({ legs, amount: "41203" })).toBe(true);
  expect(addsUp({ legs: legs.slice(1), amount: "41203" })).toBe(false);
  expect(addsUp({ legs: [], amount: "0" })).toBe(true);
});
