/**
 * Keeps a contract's state, and wakes it with that when its rent was not paid: of a frozen account the network knows only the hash of
 * its last state, so whoever brings that state and pays the debt wakes it. The file must be saved after the contract's last transaction.
 */
import { readFile, writeFile } from "node:fs/promises";
import { Address, beginCell, Cell, loadStateInit, storeStateInit } from "@ton/core";
import type { StateInit } from "@ton/core";
import { accountStatus } from "../offchain/toncenter.ts";
import type { CliContext } from "./cli-context.ts";
import { deliver } from "./deliver.ts";
import { parsedAddress } from "./settings.ts";
import { coins, coinsOf } from "./words.ts";

/** The network deletes an account 1 coin in debt, so no frozen one owes more. */
const DEBT_MAX = 1_000_000_000n;

export async function saveState(context: CliContext, [addressText = ""]: readonly string[]): Promise<void> {
  const address = parsedAddress("The address", addressText);
  const { out } = context.settings;
  if (!out) throw new Error("Pass --out with the file to write.");
  const { state, code, data } = await context.client.getContractState(address);
  if (state !== "active" || !code || !data)
    throw new Error(
      `There is no living contract at ${address.toString()}: its state can be saved only while it lives.`,
    );
  const init = beginCell()
    .store(storeStateInit({ code: rootOf(code), data: rootOf(data) }))
    .endCell();
  const file = { address: address.toRawString(), stateInit: init.toBoc().toString("base64") };
  await writeFile(out, `${JSON.stringify(file)}\n`);
  context.say(`Saved to ${out}. Save it again after the contract's next transaction: only its last state wakes it.`);
}

export async function wake(context: CliContext, [file = "", amountText = ""]: readonly string[]): Promise<void> {
  const amount = coinsOf("The amount", amountText);
  const { address, init, hash } = await readState(file);
  const { state, frozenHash } = await accountStatus(context.settings, address);
  if (state !== "frozen") throw new Error(`${address.toString()} is not frozen, it is ${state}: nothing was sent.`);
  if (!frozenHash.equals(hash))
    throw new Error("The file holds an earlier state than the last: it does not wake the contract.");
  context.say(
    `Waking ${address.toString()}. It owes less than ${coins(DEBT_MAX)}; what is too much stays on its balance.`,
  );
  const contracts = [{ name: "contract", address }];
  // A bounceable message would leave the debt unpaid: the network takes it before it credits the value.
  const message = { to: address, value: amount, body: Cell.EMPTY, init, bounce: false, contracts };
  if (!(await deliver(context, message))) return;
  const after = await accountStatus(context.settings, address);
  if (after.state !== "active") throw new Error("It did not wake: send it more than it owes.");
  context.say("It is awake.");
}

async function readState(file: string): Promise<{ address: Address; init: StateInit; hash: Buffer }> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Error(`There is no file to read at ${file}.`, { cause: error });
  });
  try {
    const { address, stateInit } = JSON.parse(text) as Record<string, string>;
    const cell = Cell.fromBase64(stateInit!);
    return { address: Address.parseRaw(address!), init: loadStateInit(cell.beginParse()), hash: cell.hash() };
  } catch (error) {
    throw new Error(`${file} was not written by \`state\`.`, { cause: error });
  }
}

const rootOf = (boc: Buffer): Cell => Cell.fromBoc(boc)[0]!;
