/** Redeems the vouchers of a folder when that is worth it. The folder may change at any time. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { JSON_CHARS_MAX } from "../../offchain/json-fields.ts";
import { readVoucher } from "../../offchain/voucher-file.ts";
import type { SignedVoucher } from "../../offchain/voucher-file.ts";
import { Escrow, escrowBody } from "../../wrappers/Escrow.ts";
import { verifyVoucher } from "../../wrappers/voucher.ts";
import type { CliContext } from "../cli-context.ts";
import type { EscrowSnapshot } from "../escrow.ts";
import { coins } from "../words.ts";
import { act } from "./act.ts";
import type { Fact } from "./fact.ts";
import { isWorth, vouchersFor } from "./redeem-rule.ts";

/** Attached value, nano units; everything except gas is refunded. */
const ATTACHED = 50_000_000n;
/** Files read at most; a payer's newest voucher replaces all older ones, so one file for each escrow is enough. */
const FILES_MAX = 10_000;
/** A voucher that was refused, or that waits for somebody's wallet, is tried again after this time. */
const RETRY_MS = 600_000;

export class Redeemer {
  readonly #context: CliContext;
  readonly #folder: string;
  readonly #tried = new Map<string, { cumulative: bigint; at: number; fact: Fact }>();

  constructor(context: CliContext, folder: string) {
    this.#context = context;
    this.#folder = folder;
  }

  /** Redeems for this escrow what is worth it, and says what came of it. */
  async look(seen: EscrowSnapshot, vouchers: readonly SignedVoucher[]): Promise<Fact[]> {
    const name = seen.escrow.address.toString();
    const view = { ...seen, address: seen.escrow.address.toRawString() };
    const { best, forged } = await bestOf(vouchersFor(vouchers, view), seen.state.keys);
    const facts: Fact[] = forged.map((cumulative) => ({
      key: `${name} forged`,
      says: `${name}: a voucher of ${coins(cumulative)} is signed by no key of this escrow`,
      alarming: true,
    }));
    if (!best || !isWorth(best.cumulative, view)) return facts;
    const last = this.#tried.get(name);
    if (last?.cumulative === best.cumulative && performance.now() < last.at + RETRY_MS) return [...facts, last.fact];
    const fact = { key: `${name} voucher`, ...(await this.#redeem(seen, best, name)) };
    this.#tried.set(name, { cumulative: best.cumulative, at: performance.now(), fact });
    return [...facts, fact];
  }

  async #redeem({ escrow, state }: EscrowSnapshot, voucher: SignedVoucher, name: string) {
    const { cumulative, signature } = voucher;
    const { address } = escrow;
    const keyIndex = await this.#context.client.open(new Escrow(address)).getCheckVoucher(cumulative, signature);
    const what = `${name}: a voucher of ${coins(cumulative)}, ${coins(cumulative - state.settled)} of it unpaid`;
    if (keyIndex === null) return { says: `${what}, is refused by the chain: serve nothing on it`, alarming: true };
    const body = escrowBody.redeem({ keyIndex, cumulative, signature });
    const contracts = [{ name: "escrow", address }];
    const { done, says } = await act(this.#context, { to: address, value: ATTACHED, body, contracts });
    return { says: `${what}: ${done ? "redeemed" : says}`, alarming: !done, done };
  }

  /** Every voucher of the folder. Files that are none are told of, one fact for all of them. */
  async vouchers(): Promise<{ vouchers: SignedVoucher[]; fact: Fact }> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".json")).sort();
    const vouchers: SignedVoucher[] = [];
    const bad: string[] = [];
    for (const name of names.slice(0, FILES_MAX)) {
      const voucher = await voucherOf(path.join(this.#folder, name));
      if (voucher) vouchers.push(voucher);
      else bad.push(name);
    }
    const says =
      bad.length > 0 ? `${bad.length} files in ${this.#folder} are no vouchers, such as ${JSON.stringify(bad[0])}` : "";
    return {
      vouchers,
      fact: { key: "vouchers folder", says: says || `${this.#folder} holds vouchers only`, alarming: says !== "" },
    };
  }
}

/** The first validly signed voucher, and the amount of the largest that is not: a forged one must not hide those below it. */
async function bestOf(vouchers: readonly SignedVoucher[], keys: readonly Buffer[]) {
  let forged: bigint[] = [];
  for (const voucher of vouchers) {
    for (const key of keys) if (await verifyVoucher(voucher, voucher.signature, key)) return { best: voucher, forged };
    if (forged.length === 0) forged = [voucher.cumulative];
  }
  return { best: null, forged };
}

async function voucherOf(file: string): Promise<SignedVoucher | null> {
  try {
    if ((await stat(file)).size > JSON_CHARS_MAX) return null;
    return readVoucher(await readFile(file, "utf8"));
  } catch {
    return null;
  }
}
