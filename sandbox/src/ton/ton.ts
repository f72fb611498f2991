/** The embedded TON network over a folder, opened when somebody first asks: until then nothing of it is loaded or read. */
import { Hono } from "hono";
import type { Logger } from "pino";
import type { Prices } from "@starai/contracts/chain-config";
import type { ChainClock } from "./chain-clock.ts";
import type { OpenChain } from "./open-chain.ts";

export interface TonOptions {
  /** Where the chain is kept; made when missing. */
  readonly folder: string;
  readonly clock: ChainClock;
  readonly prices?: Prices;
  readonly log?: Logger;
}

export class Ton {
  /** Everything under `/ton`; to be mounted at the root, behind the loopback fence. */
  readonly routes: Hono;
  readonly #options: TonOptions;
  #opening: Promise<OpenChain> | null = null;

  constructor(options: TonOptions) {
    this.#options = options;
    this.routes = new Hono()
      .get("/ton", (c) => c.redirect("/ton/"))
      .all("/ton/*", async (c) => {
        const opened = await this.open().catch((error: unknown) =>
          String(error instanceof Error ? error.message : error),
        );
        if (typeof opened === "string") return c.json({ ok: false, error: opened, code: 500 }, 500);
        return opened.routes.fetch(c.req.raw, c.env);
      });
  }

  /** @throws when another process holds the folder, or the chain in it is damaged or of another network. Asked again, it tries again. */
  open(): Promise<OpenChain> {
    this.#opening ??= import("./open-chain.ts")
      .then(({ openChain }) => openChain(this.#options))
      .catch((error: unknown) => {
        this.#opening = null;
        throw error;
      });
    return this.#opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => null);
    await opened?.[Symbol.asyncDispose]();
  }
}
