/** Vouchers signed in a person's browser: a real Chromium, the bundled wrapper, and the real TVM that pays by them. */
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import type * as SessionKeyModule from "@starai/contracts/session-key";
import { privateKeyOf } from "@starai/contracts/session-key";
import { Escrow, escrowBody } from "@starai/contracts/Escrow";
import { EscrowError } from "@starai/contracts/escrow-codes";
import type * as VoucherModule from "@starai/contracts/voucher";
import { signVoucher, verifyVoucher } from "@starai/contracts/voucher";
import type { Voucher } from "@starai/contracts/voucher";
import { afterAll, beforeAll, expect, test } from "vitest";
import { coins, ENOUGH, fundsWorld, sessionKeys, thiefKeys } from "../../contracts/tests/test-funds.ts";
import { twinOf } from "../../contracts/tests/test-voucher.ts";
import { bundleModule } from "../src/bundle-module.ts";
import { openBrowser } from "../src/open-browser.ts";

const WRAPPERS = path.resolve(import.meta.dirname, "../../contracts/wrappers");
/** An address without a server: the test answers the page's requests. */
const ORIGIN = "https://page.test";

let browser: Browser;
let page: Page;
/** Gzip size of the loaded wrappers, bytes. */
let loaded = 0;
beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
  const files = new Map([["/", `<script>loadWrapper = (name) => import("/" + name + ".js")</script>`]]);
  for (const name of ["voucher", "session-key"]) {
    const code = await bundleModule(path.join(WRAPPERS, `${name}.ts`));
    files.set(`/${name}.js`, code);
    loaded += gzipSync(code).length;
  }
  await page.route("**", (route) => {
    const { pathname } = new URL(route.request().url());
    const contentType = pathname.endsWith(".js") ? "text/javascript" : "text/html";
    return route.fulfill({ contentType, body: files.get(pathname) ?? "" });
  });
  await page.goto(`${ORIGIN}/`);
}, 120_000);
afterAll(() => browser.close());

interface Wrappers {
  voucher: typeof VoucherModule;
  "session-key": typeof SessionKeyModule;
}
/** Defined in the page: loads a bundled wrapper on demand. */
declare const loadWrapper: <Name extends keyof Wrappers>(name: Name) => Promise<Wrappers[Name]>;

/** A request from Node to the page, with amounts as text and bytes as numbers. */
interface Order {
  voucher: Omit<Voucher, "cumulative"> & { cumulative: string };
  signature?: number[];
  publicKey?: number[];
}

const orderOf = (voucher: Voucher, signature?: Uint8Array, publicKey?: Uint8Array): Order => ({
  voucher: { ...voucher, cumulative: String(voucher.cumulative) },
  ...(signature && { signature: [...signature] }),
  ...(publicKey && { publicKey: [...publicKey] }),
});

/** Creates a key in the page, which cannot extract it, and signs with it. The wrappers are not loaded before. */
async function signInPage(voucher: Voucher): Promise<{ publicKey: Buffer; signature: Buffer }> {
  const made = await page.evaluate(async ({ voucher }) => {
    const { newSessionKey } = await loadWrapper("session-key");
    const { signVoucher } = await loadWrapper("voucher");
    if ("Buffer" in globalThis) throw new Error("the page has a Buffer, so the test proves nothing");
    const { publicKey, privateKey } = await newSessionKey();
    const shown = await crypto.subtle.exportKey("pkcs8", privateKey).catch(() => null);
    if (shown) throw new Error("a script can read the private key");
    const signature = await signVoucher({ ...voucher, cumulative: BigInt(voucher.cumulative) }, privateKey);
    return { publicKey: [...publicKey], signature: [...signature] };
  }, orderOf(voucher));
  return { publicKey: Buffer.from(made.publicKey), signature: Buffer.from(made.signature) };
}

async function verifyInPage(voucher: Voucher, signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  return page.evaluate(
    async ({ voucher, signature, publicKey }) => {
      const { verifyVoucher } = await loadWrapper("voucher");
      const read = { ...voucher, cumulative: BigInt(voucher.cumulative) };
      return verifyVoucher(read, Uint8Array.from(signature!), Uint8Array.from(publicKey!));
    },
    orderOf(voucher, signature, publicKey),
  );
}

test("a browser's voucher is accepted by Node and paid by the escrow; a forged one is refused by all three", async () => {
  const { chain, parties, send, vault } = await fundsWorld();
  const owner = parties.stranger.address;
  const terms = { owner, vault: vault.address, providerKey: sessionKeys.publicKey, networkId: chain.networkId };
  const escrow = chain.openContract(Escrow.of(terms));
  const voucher = {
    networkId: chain.networkId,
    escrow: escrow.address.toRawString(),
    round: 0,
    cumulative: coins(2),
  };
  const { publicKey, signature } = await signInPage(voucher);
  await escrow.sendTopUp(parties.owner.getSender(), { value: coins(5) });
  const toEscrow = async (body: Parameters<typeof send>[0]["body"]) =>
    (await send({ from: "stranger", to: escrow.address, body, value: ENOUGH })).exitCode;
  expect(await toEscrow(escrowBody.setKey({ sessionKey: publicKey, dailyCap: coins(5) }))).toBe(0);

  const dearer = { ...voucher, cumulative: coins(3) };
  expect(await verifyVoucher(dearer, signature, publicKey)).toBe(false);
  expect(await verifyInPage(dearer, signature, publicKey)).toBe(false);
  expect(await toEscrow(escrowBody.redeem({ keyIndex: 0, cumulative: coins(3), signature }))).toBe(
    EscrowError.BAD_SIGNATURE,
  );
  expect((await escrow.getState()).settled).toBe(0n);

  expect(await verifyVoucher(voucher, signature, publicKey)).toBe(true);
  expect(await verifyInPage(voucher, signature, publicKey)).toBe(true);
  expect(await toEscrow(escrowBody.redeem({ keyIndex: 0, cumulative: coins(2), signature }))).toBe(0);
  expect((await escrow.getState()).settled).toBe(coins(2));
});

test("Node's voucher is accepted by a browser; another key, a twin signature and a zero key are not", async () => {
  const voucher = { networkId: -239, escrow: `0:${"5a".repeat(32)}`, round: 7, cumulative: 123_456_789n };
  const signature = await signVoucher(voucher, await privateKeyOf(sessionKeys.secretKey.subarray(0, 32)));
  expect(await verifyInPage(voucher, signature, sessionKeys.publicKey)).toBe(true);
  expect(await verifyInPage(voucher, signature, thiefKeys.publicKey)).toBe(false);
  expect(await verifyInPage(voucher, signature, Buffer.alloc(32))).toBe(false);
  expect(await verifyInPage({ ...voucher, round: 2 ** 32 }, signature, sessionKeys.publicKey)).toBe(false);
  expect(await verifyInPage(voucher, twinOf(signature), sessionKeys.publicKey)).toBe(false);
});

test("a page loads less than two kilobytes to sign a voucher", () => {
  expect(loaded).toBeGreaterThan(500);
  expect(loaded).toBeLessThan(2_048);
});

test("a page without WebCrypto is told why it cannot sign", async () => {
  await page.goto(ORIGIN.replace("https", "http"));
  const made = page.evaluate(async () => (await loadWrapper("session-key")).newSessionKey());
  await expect(made).rejects.toThrow("this browser cannot sign vouchers");
  await page.goto(ORIGIN);
});
