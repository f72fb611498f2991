/** This worker's identity: an Ed25519 key in its data folder. The public key is the worker's id. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { proofTranscript, tunnelTranscript } from "@starai/protocol/worker-frames";
import { draftOf } from "./replace-file.ts";

export interface Identity {
  /** The public key, 64 lower-case hex digits. */
  readonly key: string;
  /** Signs a pool's challenge: 128 lower-case hex digits. */
  prove(challenge: { serverId: string; nonce: string }): string;
  /** Signs for one end of one connection of a group. */
  signTunnel(end: Parameters<typeof tunnelTranscript>[0]): string;
}

/**
 * Reads the key in `home`, or creates it on the first start (readable by its owner only).
 * @throws Error when the file is not an Ed25519 private key.
 */
export async function loadIdentity(home: string): Promise<Identity> {
  const path = join(home, "worker-key.pem");
  const pem = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return identityOf(pem ?? (await makeKey(home, path)), path);
}

async function makeKey(home: string, path: string): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  const draft = draftOf(path);
  await writeFile(draft, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  // `link` fails if the file exists already, so two simultaneous first starts use the same key.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(draft);
  return await readFile(path, "utf8");
}

function identityOf(pem: string, path: string): Identity {
  const privateKey = parseKey(pem, path);
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  const key = Buffer.from(x ?? "", "base64url").toString("hex");
  const signed = (text: string) => sign(null, Buffer.from(text), privateKey).toString("hex");
  return {
    key,
    prove: ({ serverId, nonce }) => signed(proofTranscript({ serverId, nonce, key })),
    signTunnel: (end) => signed(tunnelTranscript(end)),
  };
}

function parseKey(pem: string, path: string): KeyObject {
  const advice = `restore it from a backup, or delete it to join as a new worker`;
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new Error(`${path} holds no private key: ${advice}`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`${path} holds a ${key.asymmetricKeyType} key: ${advice}`);
  return key;
}
