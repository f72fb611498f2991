/** The embedded chain, the dev wallet and a page with TON Connect on one origin, and a real browser that visits them. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { compress } from "hono/compress";
import type { Browser, BrowserContext, FrameLocator, Page } from "playwright-core";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { proofChainOf } from "@starai/contracts/offchain/proof-chain";
import { verifyTonProof } from "@starai/contracts/offchain/ton-proof";
import type { WalletProof } from "@starai/contracts/offchain/ton-proof";
import { bundleModule } from "../src/bundle-module.ts";
import { openBrowser } from "../src/open-browser.ts";
import { originGuard } from "../src/origin-guard.ts";
import { TestTon } from "../src/testing/chain.ts";
import { devWallet } from "../src/wallet/dev-wallet.ts";
import { injectWallet } from "../src/wallet/inject-wallet.ts";

const PAGE = path.resolve(import.meta.dirname, "connect-page.ts");
/** The Mini App's own, which the wallet must live under. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; base-uri 'none'";
const PATIENCE_MS = 8_000;
/** Below it TON Connect takes the window for a phone's. */
const PHONE_PX = 440;

export class WalletHouse implements AsyncDisposable {
  readonly ton: TestTon;
  readonly browser: Browser;
  readonly #script: string;
  #http!: Server;
  url = "";

  private constructor(ton: TestTon, browser: Browser, script: string) {
    this.ton = ton;
    this.browser = browser;
    this.#script = script;
  }

  static async open(): Promise<WalletHouse> {
    const [ton, browser, script] = await Promise.all([TestTon.open(), openBrowser(), bundleModule(PAGE)]);
    const house = new WalletHouse(ton, browser, script);
    await house.#listen(0);
    return house;
  }

  /** As `npm start` does after Ctrl-C: the same folder, the same port. */
  async restart(): Promise<void> {
    const { port } = this.#http.address() as AddressInfo;
    this.#close();
    await this.ton.reopen();
    await this.#listen(port);
  }

  get folder(): string {
    return path.join(this.ton.folder, "wallet");
  }

  async #listen(port: number): Promise<void> {
    const app = new Hono()
      .use(originGuard(), injectWallet())
      .get("/app/", compress(), (c) => {
        c.header("content-security-policy", POLICY);
        return c.html(
          `<!doctype html><html lang="en"><head><title>App</title></head><body><div id="root"></div><script type="module" src="/app/page.js"></script></body></html>`,
        );
      })
      .get("/app/page.js", (c) => c.body(this.#script, 200, { "content-type": "text/javascript" }))
      .get("/tonconnect-manifest.json", (c) =>
        c.json({ url: this.url, name: "<b>Star</b>AI", iconUrl: `${this.url}/icon.png` }),
      )
      .get("/icon.png", (c) => c.body(null, 204))
      .route("/", this.ton.ton.routes)
      .route("/", devWallet({ ton: this.ton.ton, folder: this.folder }));
    this.#http = await new Promise<Server>((resolve) => {
      const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, () => resolve(server as Server));
    });
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  #close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }

  async visit(options: VisitOptions = {}): Promise<ConnectVisit> {
    const context = await this.browser.newContext({
      viewport: { width: options.width ?? 860, height: 800 },
      colorScheme: options.colorScheme ?? "light",
      locale: options.locale ?? "en-US",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const visit = new ConnectVisit(this, context, await context.newPage());
    await visit.load();
    return visit;
  }

  /** What the server would say of a proof. */
  verify(proof: WalletProof): Promise<unknown> {
    const rules = {
      networkId: LOCAL_NETWORK_ID,
      domains: [new URL(this.url).host],
      nowS: this.ton.opened.chain.nowS(),
    };
    return verifyTonProof(proof, rules, proofChainOf(this.ton.client));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    this.#close();
    await this.ton[Symbol.asyncDispose]();
  }
}

interface VisitOptions {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  readonly locale?: string;
}

export interface Transfer {
  readonly address: string;
  readonly amount: string;
  readonly payload?: string;
}

/** One person's browser with the page, and the wallet's page where it is needed. */
export class ConnectVisit implements AsyncDisposable {
  readonly house: WalletHouse;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[] = [];
  /** The wallet's question over the page. */
  readonly question: FrameLocator;

  constructor(house: WalletHouse, context: BrowserContext, page: Page) {
    this.house = house;
    this.context = context;
    this.page = page;
    this.question = page.frameLocator('iframe[title="Dev wallet"]');
    // TON Connect leaves a promise without a listener where it gives up the bridge for the injected wallet.
    page.on("pageerror", ({ message }) => message.startsWith("[TON_CONNECT") || this.complaints.push(message));
    context.on("request", (request) => {
      // TON Connect shows this picture from its own place.
      if (request.url().endsWith("/assets/ton-icon-48.png")) return;
      if (!request.url().startsWith(house.url) && request.url().startsWith("http"))
        this.complaints.push(`a request to ${request.url()}`);
    });
  }

  async load(): Promise<void> {
    await this.page.goto(`${this.house.url}/app/`);
    await this.page.waitForFunction(() => "ui" in window);
  }

  /** Clicks through TON Connect's own dialog to the injected wallet, which then asks; on a phone it opens the wallet's page. */
  async choose(nonce: string): Promise<void> {
    await this.page.evaluate(async (tonProof) => {
      window.ui.setConnectRequestParameters({ state: "ready", value: { tonProof } });
      await window.ui.openModal();
    }, nonce);
    await this.page
      .getByRole("button", { name: /Dev wallet/ })
      .first()
      .click();
    if (this.page.viewportSize()!.width < PHONE_PX) return;
    const extension = this.page.getByText("Browser Extension");
    await extension.or(this.page.locator('iframe[title="Dev wallet"]')).first().waitFor();
    if (await extension.isVisible()) await extension.click();
  }

  /** What the page knows of its wallet, with the proof as the server would receive it. */
  async connected(): Promise<WalletProof> {
    await this.page.waitForFunction(() => window.ui.wallet !== null);
    return this.page.evaluate(() => {
      const { account, connectItems } = window.ui.wallet!;
      const { address, chain: network, walletStateInit } = account;
      const item = connectItems?.tonProof;
      if (!item || !("proof" in item)) throw new Error("the wallet proved nothing");
      return { address, network, walletStateInit, proof: item.proof };
    });
  }

  /** Asks the wallet to send; the outcome comes later: `sent`, or the name of the SDK's error. */
  async ask(messages: readonly Transfer[], validForS = 300): Promise<() => Promise<string | null>> {
    const validUntil = this.house.ton.opened.chain.nowS() + validForS;
    await this.page.evaluate(
      ({ messages, validUntil }) => {
        const outcome: { said: string | null } = { said: null };
        Object.assign(window, { outcome });
        window.ui.connector.sendTransaction({ validUntil, messages: [...messages] }).then(
          ({ boc }) => (outcome.said = `sent ${boc}`),
          (error: Error) => (outcome.said = `${error.name}: ${error.message}`),
        );
      },
      { messages, validUntil },
    );
    return () => this.page.evaluate(() => (window as unknown as { outcome: { said: string | null } }).outcome.said);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.context.close();
  }
}
