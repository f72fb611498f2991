/** HELP, made of the table of commands. */
import { COIN_NAME } from "../chain-config/coin.ts";
import { ROLES, usageOf } from "./command.ts";
import type { Command } from "./command.ts";

const WIDTH = 34;

export function helpOf(commands: readonly Command[]): string {
  const groups = ROLES.map((role) => {
    const lines = commands.filter((command) => command.role === role).map(lineOf);
    return [role, ...lines].join("\n");
  });
  return [`npm run ton -- <command> [options]      amounts are in ${COIN_NAME}, as 10 or 0.5`, ...groups, OPTIONS].join(
    "\n\n",
  );
}

function lineOf(command: Command): string {
  const usage = `  ${usageOf(command)}`;
  return usage.length < WIDTH ? usage.padEnd(WIDTH) + command.does : `${usage}\n${" ".repeat(WIDTH)}${command.does}`;
}

const OPTIONS = `How a message is sent; without one of these it is signed with TON_MNEMONIC, sent, and waited for
  --dry-run              prints the message in words and sends nothing
  --link                 prints it with a ton://transfer link, which any wallet opens: no words are needed.
                         Wallets that give no words away (Telegram's WalletTg, hardware wallets) send by link only
  --wallet w5|v4         the contract of the words' wallet: W5 (default) or v4R2
  --multisig ADDRESS     makes it an order of this multisig (v2.1), whose signer or proposer the wallet is

Options
  --owner ADDRESS        whose account, claim or message it is; else your own wallet's.
                         With --multisig: the signer whose wallet opens the link
  --distributor ADDRESS  the RewardDistributor; a leaf file names its own
  --escrow ADDRESS       the escrow, or the terms its address is derived from, with your wallet as its owner:
  --vault ADDRESS --provider-key HEX
  --session-key HEX      a public key that signs vouchers
  --daily-cap AMOUNT     the most that vouchers may take from the escrow in a day
  --consent FILE         the provider's consent to close, as it sent it
  --dismiss              with name-publisher: the present one loses its office at once
  --out FILE             where \`state\` writes
  --endpoint URL         toncenter v2 JSON-RPC; else TON_ENDPOINT, else npm run chain's
  --network-id=NUMBER    -239 mainnet, -3 testnet; else derived from the endpoint's name

Options of watch, the first three as often as there are contracts
  --distributor, --vault, --escrow ADDRESS
  --files FOLDER|URL     where the leaf files are, each named by its SHA-256 in hex
  --vouchers FOLDER      vouchers to redeem, one JSON file each
  --memory FILE          what it has said already; else watch-memory.json
  --once                 looks once and ends

Environment
  TON_MNEMONIC           your wallet's 24 words; never printed, never sent
  TON_API_KEY            toncenter's key, if you have one`;
