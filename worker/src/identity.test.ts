import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proofTranscript } from "@starai/protocol/worker-frames";
import { WorkerKey } from "@starai/protocol/worker-key";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadIdentity } from "./identity.ts";

let home: string;
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), "starai-identity-"))));
afterEach(async () => await rm(home, { recursive: true }));

function proves(signature: string, key: string, challenge: { serverId: string; nonce: string }): boolean {
  const x = Buffer.from(key, "hex").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(proofTranscript({ ...challenge, key })), publicKey, Buffer.from(signature, "hex"));
}

test("a worker has the same identity after a restart", async () => {
  const [first, second] = [await loadIdentity(home), await loadIdentity(home)];
  expect(WorkerKey.parse(first.key)).toBe(second.key);
});

test("simultaneous first starts end up with the same key", async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, async () => (await loadIdentity(home)).key));
  expect(new Set(keys).size).toBe(1);
});

test("only its owner can read the key", async () => {
  await loadIdentity(home);
  expect((await stat(join(home, "worker-key.pem"))).mode & 0o777).toBe(0o600);
});

test("a proof is valid only for its own pool and nonce", async () => {
  const identity = await loadIdentity(home);
  const challenge = { serverId: "pool", nonce: "ab".repeat(32) };
  const signature = identity.prove(challenge);
  expect(proves(signature, identity.key, challenge)).toBe(true);
  expect(proves(signature, identity.key, { ...challenge, serverId: "other" })).toBe(false);
  expect(proves(signature, identity.key, { ...challenge, nonce: "cd".repeat(32) })).toBe(false);
});

test("a file that is not an Ed25519 key is rejected with advice, and is not overwritten", async () => {
  const path = join(home, "worker-key.pem");
  await writeFile(path, "not a key");
  await expect(loadIdentity(home)).rejects.toThrow(/no private key: restore it/);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(path, privateKey.export({ type: "pkcs8", format: "pem" }));
  await expect(loadIdentity(home)).rejects.toThrow(/holds a ec key/);
});
