/** The sandbox's secrets: created at the first start, readable by their owner only, the same at every later start. */
import { randomBytes, randomInt } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { newApiKey } from "@starai/server/gateway/api-keys";

const Secrets = z.object({
  /** Authenticates the bot to the server. */
  botKey: z.string().min(32),
  /** The simulated bot's token; it also signs Mini App launch data in the sandbox, and is valid nowhere else. */
  simulatorToken: z.string().regex(/^\d{10}:[\w-]{35}$/),
  /** For the OpenAI-compatible API. */
  apiKey: z.string().startsWith("sk-"),
});
export type Secrets = z.infer<typeof Secrets>;

/** @throws when the file exists but holds no valid secrets, since new ones would not fit the old data */
export function loadSecrets(home: string): Secrets {
  const file = path.join(home, "secrets.json");
  if (fs.existsSync(file)) {
    const kept = Secrets.safeParse(readJson(file));
    if (kept.success) return kept.data;
    throw new Error(`${file} is damaged. Delete it to get new secrets: chats stay, the API key changes.`);
  }
  const secrets: Secrets = {
    botKey: randomBytes(32).toString("hex"),
    simulatorToken: `${randomInt(1_000_000_000, 9_999_999_999)}:${randomBytes(27).toString("base64url").slice(0, 35)}`,
    apiKey: newApiKey(),
  };
  // Written to a temporary file and renamed, so that a kill leaves either no file or a whole one.
  fs.writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
  return secrets;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
