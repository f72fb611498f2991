/** The private key of receipts in the data folder, readable by the server's account alone. */
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import path from "node:path";

/**
 * Reads the key, or makes it on the first start. The caller has the database to itself, so no other server makes one.
 * @throws a sentence where the file holds no such key
 */
export async function receiptKeyIn(home: string): Promise<KeyObject> {
  const file = fileIn(home);
  try {
    return parseKey(await readFile(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return makeReceiptKey(home);
    throw error;
  }
}

/** Makes a key in the old one's place: a kill leaves the one or the other. */
export async function makeReceiptKey(home: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const file = fileIn(home);
  // Other accounts may enter the data folder, as PostgreSQL's does, but not this one in it.
  await mkdir(home, { recursive: true, mode: 0o755 });
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await using draft = await open(`${file}.new`, "w", 0o600);
  await draft.writeFile(privateKey.export({ type: "pkcs8", format: "pem" }));
  await draft.sync();
  await rename(`${file}.new`, file);
  return privateKey;
}

function fileIn(home: string): string {
  return path.join(home, "keys", "receipt-key.pem");
}

function parseKey(pem: string, file: string): KeyObject {
  const advice = "put it back from a backup, or delete it: a new key is made then, and old receipts stay valid";
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new Error(`${file} holds no private key: ${advice}.`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`${file} holds a ${key.asymmetricKeyType} key: ${advice}.`);
  return key;
}
