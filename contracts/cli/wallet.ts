import { type Session, signerOf } from "./session.ts";
import { ton } from "./words.ts";

export async function showWallet(session: Session): Promise<void> {
  const { wallet } = signerOf(session);
  const { balance, state } = await session.client.getContractState(wallet.address);
  session.say(
    `Wallet     ${wallet.address.toString({ bounceable: false })} (W5, network ${session.settings.networkId})`,
  );
  session.say(`Balance    ${ton(balance)}`);
  if (state !== "active") session.say("           not used yet: its first message deploys it");
}
