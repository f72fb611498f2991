/** Makes a message an order of a multisig: its signers approve it, and then the multisig sends it from its own balance. */
import { Dictionary } from "@ton/core";
import type { Address, Cell } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { walletOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { newOrderBody, orderOf } from "./multisig-message.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { coins, when } from "./words.ts";

/** Time for the other signers, seconds. */
const VALID_S = 7 * 86_400;
/** Added to what the order costs by the multisig's own estimate, nano units; the rest comes back when it is executed. */
const SPARE = 50_000_000n;
/** Largest believable cost of an order, nano units: ten times the need before prices fell. */
const COST_MAX = 2_000_000_000n;

/** The message that makes the order. @throws when the wallet is neither signer nor proposer of the multisig. */
export async function asOrder(
  context: CliContext,
  multisig: Address,
  message: OutgoingMessage,
): Promise<OutgoingMessage> {
  const { client, say } = context;
  const wallet = walletOf(context);
  const { timestampt: nowS } = await client.getContractState(multisig);
  const data = await multisigData(client, multisig);
  const order = orderOf(message);
  const expiresAt = nowS + VALID_S;
  const body = newOrderBody({ ...placeOf(wallet, data), expiresAt, order });
  const value = (await costOf(client, { multisig, order, expiresAt })) + SPARE;
  const many = `${data.threshold} of ${data.signers.length} signers`;
  say(`Order of    ${multisig.toString()}, ${many}, until ${when(expiresAt, nowS)}`);
  return { to: multisig, value, body, contracts: [{ name: "multisig", address: multisig }], from: wallet };
}

/** The wallet's place among the signers, or else among the proposers. */
function placeOf(wallet: Address, { signers, proposers }: Record<"signers" | "proposers", readonly Address[]>) {
  const among = (members: readonly Address[]) => members.findIndex((one) => one.equals(wallet));
  const signer = among(signers) >= 0;
  const index = among(signer ? signers : proposers);
  if (index >= 0) return { signer, index };
  throw new Error(`${wallet.toString({ bounceable: false })} is neither signer nor proposer of this multisig.`);
}

async function costOf(
  client: TonClient,
  { multisig, order, expiresAt }: { multisig: Address; order: Cell; expiresAt: number },
): Promise<bigint> {
  const { stack } = await client.runMethod(multisig, "get_order_estimate", [
    { type: "cell", cell: order },
    { type: "int", value: BigInt(expiresAt) },
  ]);
  const cost = stack.readBigNumber();
  if (cost >= 0n && cost <= COST_MAX) return cost;
  throw new Error(`The endpoint says an order costs ${coins(cost)}, far more than it can: pass another --endpoint.`);
}

async function multisigData(client: TonClient, multisig: Address) {
  const { stack } = await client.runMethod(multisig, "get_multisig_data").catch((error: unknown) => {
    throw new Error(`${multisig.toString()} is not a multisig of version 2.1: compare --multisig.`, { cause: error });
  });
  const arbitrary = stack.readBigNumber() < 0n;
  if (arbitrary) throw new Error("This multisig numbers its orders by hand: paste the --link's message into its page.");
  return {
    threshold: stack.readNumber(),
    signers: members(stack.readCellOpt()),
    proposers: members(stack.readCellOpt()),
  };
}

function members(list: Cell | null): Address[] {
  return list ? Dictionary.loadDirect(Dictionary.Keys.Uint(8), Dictionary.Values.Address(), list).values() : [];
}
