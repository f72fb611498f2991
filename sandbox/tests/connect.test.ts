/** Requests for wallets built in a real Chromium, which must be the ones that Node builds and contracts/tests sends to the TVM. */
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { claimRequest, stakeRequest } from "@starai/contracts/connect/contributor-requests";
import type * as ContributorModule from "@starai/contracts/connect/contributor-requests";
import { depositRequest } from "@starai/contracts/connect/deposit-request";
import type * as DepositModule from "@starai/contracts/connect/deposit-request";
import { openRequest } from "@starai/contracts/connect/escrow-requests";
import type * as EscrowModule from "@starai/contracts/connect/escrow-requests";
import { RewardTree } from "@starai/contracts/merkle";
import { afterAll, beforeAll, expect, test } from "vitest";
import { providerKeys, sessionKeys } from "../../contracts/tests/test-funds.ts";
import { bundleModule } from "../src/bundle-module.ts";
import { openBrowser } from "../src/open-browser.ts";

const CONNECT = path.resolve(import.meta.dirname, "../../contracts/wrappers/connect");
/** An address without a server: the test answers the page's requests. */
const ORIGIN = "https://page.test";

interface Modules {
  "deposit-request": typeof DepositModule;
  "escrow-requests": typeof EscrowModule;
  "contributor-requests": typeof ContributorModule;
}
/** Defined in the page: loads a bundled module on demand. */
declare const load: <Name extends keyof Modules>(name: Name) => Promise<Modules[Name]>;

let browser: Browser;
let page: Page;
const gzipBytes: Partial<Record<keyof Modules, number>> = {};
beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
  const files = new Map([["/", `<script>load = (name) => import("/" + name + ".js")</script>`]]);
  for (const name of ["deposit-request", "escrow-requests", "contributor-requests"] as const) {
    const code = await bundleModule(path.join(CONNECT, `${name}.ts`));
    files.set(`/${name}.js`, code);
    gzipBytes[name] = gzipSync(code).length;
  }
  await page.route("**", (route) => {
    const { pathname } = new URL(route.request().url());
    const contentType = pathname.endsWith(".js") ? "text/javascript" : "text/html";
    return route.fulfill({ contentType, body: files.get(pathname) ?? "" });
  });
  await page.goto(`${ORIGIN}/`);
}, 120_000);
afterAll(() => browser.close());

const at = { networkId: -3, nowS: 1_790_000_000 };
const owner = `0:${"11".repeat(32)}`;
const other = `0:${"22".repeat(32)}`;

test("a page without a Buffer builds the requests that Node builds", async () => {
  const keys = Buffer.concat([Buffer.alloc(32, 0x11), Buffer.alloc(32, 0x33)]);
  const tree = new RewardTree({ keys, amounts: BigUint64Array.from([5n, 7n]) });
  const proof = tree.proof(keys.subarray(0, 32)).toBoc().toString("base64");
  const [providerKey, sessionKey] = [providerKeys.publicKey, sessionKeys.publicKey];
  const order = { at, owner, other, proof, providerKey: [...providerKey], sessionKey: [...sessionKey] };

  const built = await page.evaluate(async ({ at, owner, other, proof, providerKey, sessionKey }) => {
    if ("Buffer" in globalThis) throw new Error("the page has a Buffer, so the test proves nothing");
    const terms = { ...at, queryId: 7n };
    const { depositRequest } = await load("deposit-request");
    const { openRequest } = await load("escrow-requests");
    const { claimRequest, stakeRequest } = await load("contributor-requests");
    const opening = { owner, vault: other, amount: 5n, dailyCap: 3n };
    const bytes = { providerKey: Uint8Array.from(providerKey), sessionKey: Uint8Array.from(sessionKey) };
    return [
      depositRequest(terms, { vault: other, amount: 5n, userId: 2n ** 63n }),
      await openRequest(terms, { ...opening, ...bytes }),
      await stakeRequest(terms, { owner, distributor: other, amount: 5n }),
      claimRequest(terms, { owner, distributor: other, deploy: true, proof, claimValue: 5n }),
    ];
  }, order);

  const terms = { ...at, queryId: 7n };
  expect(built).toEqual([
    depositRequest(terms, { vault: other, amount: 5n, userId: 2n ** 63n }),
    await openRequest(terms, { owner, vault: other, amount: 5n, dailyCap: 3n, providerKey, sessionKey }),
    await stakeRequest(terms, { owner, distributor: other, amount: 5n }),
    claimRequest(terms, { owner, distributor: other, deploy: true, proof, claimValue: 5n }),
  ]);
});

test("a page is told what is wrong with what it asks for", async () => {
  const refused = page.evaluate(
    async ({ at, other }) => {
      const { depositRequest } = await load("deposit-request");
      return depositRequest({ ...at, queryId: 7n }, { vault: `-1${other.slice(1)}`, amount: 5n, userId: 1n });
    },
    { at, other },
  );
  await expect(refused).rejects.toThrow("must fit a raw basechain address");
});

test("a page loads less than two kilobytes to take a deposit, and less than six for an escrow or for a stake", () => {
  expect(gzipBytes["deposit-request"]).toBeLessThan(2_048);
  expect(gzipBytes["escrow-requests"]).toBeLessThan(6_144);
  expect(gzipBytes["contributor-requests"]).toBeLessThan(6_144);
});
