import { WalletContractV4 } from "@ton/ton";
import { signerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { coins } from "./words.ts";

export async function showWallet(context: CliContext): Promise<void> {
  const { wallet } = signerOf(context);
  const { balance, state } = await context.client.getContractState(wallet.address);
  const kind = wallet instanceof WalletContractV4 ? "v4R2" : `W5, network ${context.settings.networkId}`;
  context.say(`Wallet     ${wallet.address.toString({ bounceable: false })} (${kind})`);
  context.say(`Balance    ${coins(balance)}`);
  if (state !== "active") context.say("           not used yet: its first message deploys it");
}
