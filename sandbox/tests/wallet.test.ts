/** The dev wallet before an unmodified TON Connect in a real Chromium: injected into the page, and over the bridge. */
import fs from "node:fs";
import path from "node:path";
import { Address, beginCell, toNano } from "@ton/core";
import { depositRequest } from "@starai/contracts/connect/deposit-request";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { personOf } from "../src/testing/chain.ts";
import { axeFindings } from "./app-visit.ts";
import { faintTexts } from "./faint-texts.ts";
import { WalletHouse } from "./wallet-house.ts";
import type { ConnectVisit, Transfer } from "./wallet-house.ts";

let house: WalletHouse;
beforeAll(async () => {
  house = await WalletHouse.open();
}, 120_000);
afterAll(() => house[Symbol.asyncDispose]());

/** What the SDK says of a refusal by the person. */
const REFUSED = "User rejects the action in the wallet";
const shop = personOf("shop").wallet.address;

/** A transfer of half a coin with words. */
function order(words: string): Transfer {
  const payload = beginCell().storeUint(0, 32).storeStringTail(words).endCell().toBoc().toString("base64");
  return { address: shop.toString({ bounceable: false }), amount: String(toNano("0.5")), payload };
}

const approve = (question: FrameLocator | Page) => question.getByRole("button", { name: "Approve" }).click();
const refuse = (question: FrameLocator | Locator | Page) => question.getByRole("button", { name: "Refuse" }).click();

async function play(question: FrameLocator | Page, name: RegExp): Promise<void> {
  await question.getByText("Play a failure").click();
  const select = question.getByRole("combobox", { name: /Approve then does this/ });
  await select.selectOption({ label: (await select.locator("option", { hasText: name }).textContent())! });
  await approve(question);
}

async function give(address: string, coins: string): Promise<void> {
  const answer = await house.ton.post("/faucet", { address, amount: String(toNano(coins)) });
  expect(answer.ok).toBe(true);
}

/** Comments that have reached the shop. */
async function received(): Promise<string[]> {
  await house.ton.opened.chain.settled();
  const transactions = await house.ton.client.getTransactions(shop, { limit: 50 });
  return transactions.flatMap(({ inMessage }) => {
    const body = inMessage?.body.beginParse();
    return body && body.remainingBits >= 32 && body.loadUint(32) === 0 ? [body.loadStringTail()] : [];
  });
}

/** A page that is connected, and its account funded. */
async function connectedVisit(): Promise<ConnectVisit> {
  const visit = await house.visit();
  await visit.choose("nonce");
  await approve(visit.question);
  await give((await visit.connected()).address, "5");
  return visit;
}

describe("the injected wallet", () => {
  test("connects with a proof that verifies, sends what was approved, and is still connected after a reload", async () => {
    await using visit = await house.visit();
    await visit.choose("nonce-1");
    await visit.question.getByRole("heading", { name: "Connect to <b>Star</b>AI?" }).waitFor();
    await visit.question.getByText(/proof that the account is yours/).waitFor();
    await approve(visit.question);
    const proof = await visit.connected();
    await expect(house.verify(proof)).resolves.toMatchObject({ payload: "nonce-1" });

    await give(proof.address, "5");
    const outcome = await visit.ask([order("<i>tea</i>")]);
    await visit.question.getByText("“<i>tea</i>”").waitFor(); // A comment is text, never markup.
    await visit.question.getByRole("heading", { name: /^Send 0\.5 / }).waitFor();
    await approve(visit.question);
    await expect.poll(outcome).toMatch(/^sent te6cc/);
    await expect.poll(received).toContain("<i>tea</i>");

    await visit.page.reload();
    await visit.page.waitForFunction(() => window.ui?.wallet);
    expect(await visit.page.locator("output").textContent()).toBe(proof.address);

    const wallet = await visit.context.newPage();
    await wallet.goto(`${house.url}/wallet/`);
    await wallet
      .getByRole("button", { name: /^Disconnect/ })
      .first()
      .click();
    await visit.page.waitForFunction(() => window.ui.wallet === null);
    expect(visit.complaints).toEqual([]);
  });

  test("a deposit is told by its name and fields", async () => {
    await using visit = await connectedVisit();
    const at = { networkId: LOCAL_NETWORK_ID, nowS: house.ton.opened.chain.nowS(), queryId: 7n };
    const { messages } = depositRequest(at, { vault: shop.toRawString(), amount: toNano("0.2"), userId: 42n });
    const outcome = await visit.ask(messages);
    await visit.question.getByText("Deposit", { exact: true }).waitFor();
    await visit.question.getByText("42", { exact: true }).waitFor();
    await visit.question.getByText("Comes back if the receiver refuses it.").waitFor();
    await visit.page.keyboard.press("Escape");
    await expect.poll(outcome).toContain(REFUSED);
  });

  test("what the person refuses is refused, and nothing is sent or connected", async () => {
    await using visit = await house.visit();
    await visit.choose("nonce");
    await refuse(visit.question);
    await visit.page.locator('iframe[title="Dev wallet"]').waitFor({ state: "detached" });
    expect(await visit.page.evaluate(() => window.ui.wallet)).toBeNull();
    await visit.load();
    await visit.choose("nonce");
    await approve(visit.question);
    await visit.connected();
    const outcome = await visit.ask([order("refused")]);
    await refuse(visit.question);
    await expect.poll(outcome).toContain(REFUSED);
    expect(await received()).not.toContain("refused");
  });

  test("a question that a restart took away is closed, and the page hears that nothing was connected", async () => {
    await using visit = await house.visit();
    await visit.choose("nonce");
    await visit.question.getByRole("heading").first().waitFor();
    await house.restart();
    await approve(visit.question);
    await visit.page.locator('iframe[title="Dev wallet"]').waitFor({ state: "detached" });
    expect(await visit.page.evaluate(() => window.ui.wallet)).toBeNull();
  });

  test("an account that has too little waits for the faucet, and then sends", async () => {
    await using visit = await house.visit();
    await visit.choose("nonce");
    await visit.question.getByRole("radio").nth(1).check();
    await approve(visit.question);
    await visit.connected();
    const outcome = await visit.ask([order("late money")]);
    await visit.question.getByText("The account has too little for this and the fees.").waitFor();
    await approve(visit.question);
    await visit.question.getByText(/Give it play money, then approve/).waitFor();
    expect(await outcome()).toBeNull();
    await visit.question.getByRole("button", { name: /^Give it 5/ }).click();
    await visit.question.getByText("arrived").last().waitFor();
    await approve(visit.question);
    await expect.poll(outcome).toMatch(/^sent/);
    await expect.poll(received).toContain("late money");
  });

  test.each([
    ["a proof of an hour ago", /^Too late/, "timestamp"],
    ["a wallet on another network", /^Wrong network/, "network"],
    ["a key that is not the account's", /^Changed key/, "signature"],
  ])("%s connects, and its proof is refused", async (_, played, code) => {
    await using visit = await house.visit();
    await visit.choose("nonce");
    await play(visit.question, played);
    await expect(house.verify(await visit.connected())).rejects.toMatchObject({ code });
  });

  test("a lost answer was sent all the same; too late, another network and another key send nothing", async () => {
    await using visit = await connectedVisit();
    const lost = await visit.ask([order("lost")]);
    await play(visit.question, /^Lost answer/);
    await expect.poll(received).toContain("lost");
    expect(await lost()).toBeNull();
    for (const [played, said] of [
      [/^Too late/, "expired"],
      [/^Wrong network/, "another network"],
      [/^Changed key/, "refused it, nothing was sent"],
    ] as const) {
      const outcome = await visit.ask([order(`not sent: ${said}`)]);
      await play(visit.question, played);
      await expect.poll(outcome).toContain(said);
    }
    expect((await received()).filter((words) => words.startsWith("not sent"))).toEqual([]);
  });

  test("a request that is late, of another account or beyond the wallet's bounds is refused without a question", async () => {
    await using visit = await connectedVisit();
    await expect.poll(await visit.ask([order("late")], -1)).toContain("the request has expired: nothing was sent");
    const five = Array.from({ length: 5 }, () => order("many"));
    await expect.poll(await visit.ask(five)).toContain("doesn't support requested feature");
    expect(await visit.page.locator('iframe[title="Dev wallet"]').count()).toBe(0);
  });
});

/** Opens the link that the page shows as a QR code, as a person with the wallet's page does. */
async function openedLink(visit: ConnectVisit, nonce: string): Promise<Page> {
  const link = await visit.page.evaluate(
    ({ url, nonce }) =>
      window.ui.connector.connect(
        { universalLink: `${url}/wallet/`, bridgeUrl: `${url}/wallet/bridge` },
        { tonProof: nonce },
      ),
    { url: house.url, nonce },
  );
  const wallet = await visit.context.newPage();
  await wallet.goto(link);
  return wallet;
}

describe("the wallet over the bridge", () => {
  test("connects by a link with a proof that verifies, sends, and is still connected after both restarted", async () => {
    await using visit = await house.visit();
    const wallet = await openedLink(visit, "nonce-2");
    await approve(wallet);
    const proof = await visit.connected();
    await expect(house.verify(proof)).resolves.toMatchObject({ payload: "nonce-2" });
    await give(proof.address, "5");

    const outcome = await visit.ask([order("by bridge")]);
    await wallet.getByText("“by bridge”").waitFor();
    await approve(wallet);
    await expect.poll(outcome).toMatch(/^sent/);
    await expect.poll(received).toContain("by bridge");

    await house.restart();
    await visit.load();
    await visit.page.waitForFunction(() => window.ui.wallet);
    const again = await visit.ask([order("after the restart")]);
    await refuse(wallet);
    await expect.poll(again, { timeout: 20_000 }).toContain(REFUSED);
    expect(await received()).not.toContain("after the restart");

    await wallet
      .getByRole("button", { name: /^Disconnect/ })
      .first()
      .click();
    await visit.page.waitForFunction(() => window.ui.wallet === null);
  });

  test("on a phone the page's own dialog opens the wallet, and the answer goes back to the page", async () => {
    await using visit = await house.visit({ width: 390 });
    const [wallet] = await Promise.all([visit.context.waitForEvent("page"), visit.choose("nonce-3")]);
    await approve(wallet);
    await expect(house.verify(await visit.connected())).resolves.toMatchObject({ payload: "nonce-3" });
  });

  test("what was said of a gift goes with the question that it was asked for in", async () => {
    await using visit = await house.visit();
    const wallet = await openedLink(visit, "nonce-4");
    await approve(wallet);
    await visit.connected();
    const dear = [{ ...order("dear"), amount: String(toNano("900")) }];
    const question = wallet.getByRole("dialog");
    await visit.ask(dear);
    await question.getByRole("button", { name: /^Give it 5/ }).click();
    await question.getByText("arrived").waitFor();
    await refuse(question);
    await visit.ask(dear);
    await question.getByRole("button", { name: /^Give it 5/ }).waitFor();
    expect(await question.getByText("arrived").count()).toBe(0);
    await refuse(question);
  });

  test("a refused link connects nothing, and what is no link is told so", async () => {
    await using visit = await house.visit();
    const wallet = await openedLink(visit, "nonce");
    await refuse(wallet);
    await wallet.getByRole("status").filter({ hasText: "The page has its answer" }).waitFor();
    expect(await visit.page.evaluate(() => window.ui.wallet)).toBeNull();
    await wallet.getByRole("textbox", { name: "Link of the page" }).fill("https://example.com/?id=7");
    await wallet.getByRole("button", { name: "Open", exact: true }).click();
    await wallet.getByRole("status").filter({ hasText: "no link of TON Connect" }).waitFor();
  });
});

test("keys are in a file of their owner alone, and no page is told one", async () => {
  const file = path.join(house.folder, "accounts.json");
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.statSync(path.join(house.folder, "sessions.json")).mode & 0o777).toBe(0o600);
  const seeds = JSON.parse(fs.readFileSync(file, "utf8")) as string[];
  const state = await (await fetch(`${house.url}/wallet/api/state`)).text();
  for (const seed of seeds) expect(state).not.toContain(seed);
  const { accounts } = JSON.parse(state) as { accounts: { raw: string }[] };
  expect(accounts.map(({ raw }) => Address.parse(raw).workChain)).toEqual(seeds.map(() => 0));
});

test("another site cannot reach the wallet", async () => {
  for (const where of ["/wallet/api/state", "/wallet/bridge/message", "/wallet/wallets.json", "/wallet/"]) {
    const answer = await fetch(house.url + where, { headers: { origin: "https://evil.example" } });
    expect(answer.status).toBe(403);
  }
});

test.each([
  ["light", "en-US", /^Connect to/],
  ["dark", "ru-RU", /^Подключить к/],
] as const)(
  "in %s and %s all is readable at 360 pixels and told to a screen reader",
  async (colorScheme, locale, heading) => {
    await using visit = await house.visit({ colorScheme, locale });
    await visit.choose("nonce");
    await visit.question.getByRole("heading", { name: heading }).waitFor();
    await visit.page.setViewportSize({ width: 360, height: 760 });
    const frame = visit.page.frames().find((frame) => frame.url().includes("/wallet/"))!;
    expect(await frame.evaluate(() => document.activeElement?.id)).toBe("approval-title");
    expect(await axeFindings(frame)).toEqual([]);
    expect(await frame.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

    const page = await visit.context.newPage();
    await page.setViewportSize({ width: 360, height: 760 });
    await page.goto(`${house.url}/wallet/`);
    await page.locator(".account").first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const { looked, found } = await page.evaluate(faintTexts);
    expect(looked).toBeGreaterThan(5);
    expect(found).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  },
);
