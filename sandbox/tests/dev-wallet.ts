/** A person with the dev wallet in browser tests: an account with coins, TON Connect's own dialog, and the wallet's answers. */
import { Address, toNano } from "@ton/core";
import type { Page } from "playwright-core";
import type { StagedStack } from "../src/staged-stack.ts";
import type { Visit } from "./app-visit.ts";

const HEADERS = { "content-type": "application/json" };

/** Somebody who has a chat with the bot. */
export async function newPerson(stack: StagedStack, user: number, language = "en"): Promise<void> {
  await fetch(`${stack.url}sim/user`, { method: "POST", headers: HEADERS, body: JSON.stringify({ user, language }) });
  await stack.say(user, "/start");
}

/** The raw address of a new account of the dev wallet with these coins. */
export async function newAccount(stack: StagedStack, coins = "5"): Promise<string> {
  await fetch(`${stack.url}wallet/api/accounts`, { method: "POST" });
  const { accounts } = (await (await fetch(`${stack.url}wallet/api/state`)).json()) as { accounts: { raw: string }[] };
  const { raw } = accounts.at(-1)!;
  const { faucet } = await stack.ton!.open();
  await faucet.give(Address.parseRaw(raw), toNano(coins));
  return raw;
}

export async function goTo(one: Pick<Visit, "frame">, address: string): Promise<void> {
  await (await one.frame()).evaluate(`location.hash = "#${address}"`);
}

/**
 * Chooses the dev wallet in TON Connect's own dialog, which opens it as on a phone, and connects this account there.
 * Returns the wallet's page, where it asks from now on.
 */
export async function connectWallet({ app, context }: Visit, account: string, fault?: string): Promise<Page> {
  const [wallet] = await Promise.all([
    context.waitForEvent("page"),
    app
      .getByRole("button", { name: /Dev wallet/ })
      .first()
      .click(),
  ]);
  await wallet.locator(`input[value="${account}"]`).check();
  if (fault !== undefined) await playFault(wallet, fault);
  await approve(wallet);
  return wallet;
}

/** Connects and binds this account at the screen of coins. */
export async function bindWallet(it: Visit, account: string): Promise<Page> {
  await goTo(it, "/wallet/coins");
  await it.app.getByRole("button", { name: /^Connect a wallet/ }).click();
  const wallet = await connectWallet(it, account);
  await it.app.getByText(/^Withdrawals to it from/).waitFor();
  return wallet;
}

export async function playFault(wallet: Page, fault: string): Promise<void> {
  await wallet.getByText("Play a failure").click();
  await wallet.getByRole("combobox", { name: /Approve then does this/ }).selectOption(fault);
}

export const approve = (wallet: Page) => wallet.getByRole("button", { name: "Approve" }).click();
export const refuse = (wallet: Page) => wallet.getByRole("button", { name: "Refuse" }).click();
