/**
 * Opens a `ton://transfer` link as a wallet does: reads it strictly, signs what it says with its own key, sends it. So a test can
 * show that links alone reach everything, as for somebody whose wallet gives no words away.
 */
import { internal, SendMode } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { readTransferLink } from "@starai/contracts/offchain/transfer-link";
import type { RoleWallet } from "./roles.ts";

const VALID_S = 60;

/**
 * Sends what the link says from this wallet; resolves when the network has accepted the message. `nowS` is the chain's time.
 * @throws when the link is malformed or the wallet has too little
 */
export async function openLink(
  { client, wallet, secretKey }: RoleWallet & { client: TonClient },
  link: string,
  nowS: number,
): Promise<void> {
  const { to, bounceable, amount, body, init } = readTransferLink(link);
  const { balance, state } = await client.getContractState(wallet.address);
  if (balance < amount) throw new Error(`the wallet has ${balance} nano units, and the link asks for ${amount}`);
  const opened = client.open(wallet);
  const transfer = wallet.createTransfer({
    seqno: state === "active" ? await opened.getSeqno() : 0,
    secretKey,
    timeout: nowS + VALID_S,
    sendMode: SendMode.PAY_GAS_SEPARATELY,
    messages: [internal({ to, value: amount, bounce: bounceable, body: body ?? undefined, init: init ?? undefined })],
  });
  await opened.send(transfer);
}
