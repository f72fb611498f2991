/** Bytes of files sent in chats, in a folder beside the journal. The oldest are deleted beyond `FILES_KEPT`. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { TelegramError } from "./telegram-error.ts";
import type { StoredFile } from "./world.ts";
import { makePrivateFolder } from "../private-folder.ts";

/** Telegram's own limit for what a bot may upload. */
export const UPLOAD_BYTES_MAX = 50 * 1024 * 1024;
const FILES_KEPT = 200;

export class FileStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(upload: File): Promise<StoredFile> {
    if (upload.size > UPLOAD_BYTES_MAX) throw new TelegramError(413, "Request Entity Too Large");
    const fileId = `F${randomBytes(24).toString("base64url")}`;
    makePrivateFolder(this.#folder);
    fs.writeFileSync(path.join(this.#folder, fileId), Buffer.from(await upload.arrayBuffer()), { mode: 0o600 });
    this.#dropOldest();
    return {
      fileId,
      uniqueId: fileId.slice(0, 12),
      name: path.basename(upload.name || "file").slice(0, 120),
      mimeType: upload.type || "application/octet-stream",
      bytes: upload.size,
    };
  }

  /** Null when the bytes were deleted. Callers look `fileId` up in the world first, so it cannot leave the folder. */
  read(file: StoredFile): Buffer | null {
    try {
      return fs.readFileSync(path.join(this.#folder, file.fileId));
    } catch {
      return null;
    }
  }

  #dropOldest(): void {
    const names = fs.readdirSync(this.#folder);
    if (names.length <= FILES_KEPT) return;
    const aged = names.map((name) => ({ name, at: fs.statSync(path.join(this.#folder, name)).mtimeMs }));
    aged.sort((a, b) => a.at - b.at);
    for (const { name } of aged.slice(0, names.length - FILES_KEPT))
      fs.rmSync(path.join(this.#folder, name), { force: true });
  }
}
