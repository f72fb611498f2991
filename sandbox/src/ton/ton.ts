/** The embedded TON network in a folder, opened at the first request: until then nothing of it is loaded or read. */
import { Hono } from "hono";
import type { Deployment } from "./deployment.ts";
import type { ChainOptions, OpenChain } from "./open-chain.ts";

export class Ton {
  /** All routes under `/ton`; must be mounted at the root, behind the origin guard. */
  readonly routes: Hono;
  readonly #options: ChainOptions;
  #opening: Promise<OpenChain> | null = null;
  #deploying: Promise<Deployment> | null = null;

  constructor(options: ChainOptions) {
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

  /** @throws when another process holds the folder, or its chain is damaged or of another network; may be retried */
  open(): Promise<OpenChain> {
    this.#opening ??= import("./open-chain.ts")
      .then(({ openChain }) => openChain(this.#options))
      .catch((error: unknown) => {
        this.#opening = null;
        throw error;
      });
    return this.#opening;
  }

  /** StarAI's contracts: deployed at the very first start, later read from the folder without opening the chain. */
  deployment(): Promise<Deployment> {
    this.#deploying ??= this.#deploy().catch((error: unknown) => {
      this.#deploying = null;
      throw error;
    });
    return this.#deploying;
  }

  /** What a person who opens this chain must know of contracts kept from before; null where there is nothing to say. */
  async notice(): Promise<string | null> {
    const { firstEditionNotice } = await import("./deployment.ts");
    return firstEditionNotice(this.#options.folder);
  }

  async #deploy(): Promise<Deployment> {
    const { folder } = this.#options;
    const { readDeployment } = await import("./deployment.ts");
    const kept = readDeployment(folder);
    if (kept) return kept;
    const { deployStack } = await import("./deploy-stack.ts");
    return deployStack(await this.open(), folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => null);
    await opened?.[Symbol.asyncDispose]();
  }
}
