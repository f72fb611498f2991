/** Pages that are connected to the dev wallet. Kept, so that a page is still connected after a restart. */
import { z } from "zod";
import { readFileAs, writePrivately } from "./kept-file.ts";

const Hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const Session = z.object({
  /** Of a page at the bridge: the wallet's public key for it. Of a page with the injected wallet: random. */
  id: Hex32,
  /** Null when the page calls the injected wallet. */
  bridge: z.object({ app: Hex32, secretKey: Hex32 }).nullable(),
  appName: z.string().max(200),
  /** The host that proofs are made for. */
  domain: z.string().max(300),
  /** Raw. */
  account: z.string(),
  /** The network that the page was told. */
  network: z.string(),
});
export type Session = z.output<typeof Session>;

/** Beyond it the oldest is forgotten. */
const SESSIONS_MAX = 50;

export class Sessions {
  readonly #file: string;
  #all: Session[];

  /** @throws when the file is damaged */
  constructor(file: string) {
    this.#file = file;
    this.#all = readFileAs(file, z.array(Session)) ?? [];
  }

  /** Newest first. */
  get all(): readonly Session[] {
    return this.#all;
  }

  find(id: string): Session | null {
    return this.#all.find((session) => session.id === id) ?? null;
  }

  add(session: Session): void {
    this.#keep([session, ...this.#all].slice(0, SESSIONS_MAX));
  }

  /** Returns what was removed; null when it was not there. */
  remove(id: string): Session | null {
    const found = this.find(id);
    if (found) this.#keep(this.#all.filter((session) => session !== found));
    return found;
  }

  #keep(all: Session[]): void {
    writePrivately(this.#file, all);
    this.#all = all;
  }
}
