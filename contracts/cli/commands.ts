/** Every command of the tool. */
import { showAccount } from "./account.ts";
import { challenge } from "./challenge.ts";
import { claim } from "./claim.ts";
import type { Command } from "./command.ts";
import { addKey, newKey, openEscrow, raiseCap, topUpEscrow } from "./escrow-open.ts";
import { closeEscrowTogether } from "./escrow-together.ts";
import { cancelClose, closeEscrow, showEscrow, withdrawEscrow } from "./escrow.ts";
import { GUARDIAN_COMMANDS } from "./guardian.ts";
import { VAULT_COMMANDS } from "./keepers.ts";
import { PUBLISHER_COMMANDS } from "./publisher.ts";
import { readLink } from "./read-link.ts";
import { stake, unbond, withdraw } from "./stake.ts";
import { saveState, wake } from "./wake.ts";
import { showWallet } from "./wallet.ts";
import { watch } from "./watch/watch.ts";
import { spanOf } from "./words.ts";
import { ContributorAccountTerms } from "../wrappers/contributor-account-codes.ts";
import { EscrowTerms } from "../wrappers/escrow-codes.ts";

const CONTRIBUTOR = { role: "Contributor" } as const;
const USER = { role: "User, with a prepaid balance" } as const;
const ANYBODY = { role: "Anybody" } as const;

export const COMMANDS: readonly Command[] = [
  { ...ANYBODY, name: "wallet", does: "address and balance of your wallet", run: showWallet },

  { ...CONTRIBUTOR, name: "account", does: "stake, unbonding, claimed sum and disputes", run: showAccount },
  { ...CONTRIBUTOR, name: "stake", takes: ["amount"], does: "puts it at stake", run: stake },
  {
    ...CONTRIBUTOR,
    name: "unbond",
    takes: ["amount"],
    does: `the money is free ${spanOf(ContributorAccountTerms.UNBOND_SECONDS)} later`,
    run: unbond,
  },
  { ...CONTRIBUTOR, name: "withdraw", does: "pays out to your wallet what is unbonded", run: withdraw },
  {
    ...CONTRIBUTOR,
    name: "claim",
    takes: ["leaf file"],
    does: "pays out what a published leaf file says was earned",
    run: claim,
  },
  {
    ...CONTRIBUTOR,
    name: "challenge",
    takes: ["current file", "pending file"],
    does: "stops a pending root that lowers a leaf; anybody may",
    run: challenge,
  },

  { ...USER, name: "escrow", does: "your prepaid balance", run: showEscrow },
  {
    ...USER,
    name: "escrow-open",
    takes: ["amount"],
    does: "opens it, for --session-key and within --daily-cap",
    run: openEscrow,
  },
  {
    ...USER,
    name: "escrow-top-up",
    takes: ["amount"],
    does: "adds to it, or to somebody else's",
    run: topUpEscrow,
  },
  { ...USER, name: "escrow-add-key", does: "lets --session-key sign vouchers, too; up to four", run: addKey },
  {
    ...USER,
    name: "escrow-raise-cap",
    takes: ["amount"],
    does: "raises the most that vouchers may take in a day",
    run: raiseCap,
  },
  { ...USER, name: "escrow-close", does: "requests its close", run: closeEscrow },
  { ...USER, name: "escrow-cancel-close", does: "takes the request back", run: cancelClose },
  {
    ...USER,
    name: "escrow-withdraw",
    does: `pays it out once the close is ripe, ${spanOf(EscrowTerms.CLOSE_DELAY)} later, for ${spanOf(EscrowTerms.WITHDRAW_WINDOW)}`,
    run: withdrawEscrow,
  },
  {
    ...USER,
    name: "escrow-new-key",
    does: "in a ripe close: replaces all keys by --session-key, with any --daily-cap",
    run: newKey,
  },
  {
    ...USER,
    name: "escrow-close-together",
    takes: ["most"],
    does: "closes it at once with the provider's --consent; the provider may take <most>",
    run: closeEscrowTogether,
  },
  {
    ...ANYBODY,
    name: "read",
    takes: ["link or payload"],
    does: "says what somebody's link, or an order's payload, would do",
    run: readLink,
  },
  {
    ...ANYBODY,
    name: "state",
    takes: ["address"],
    does: "saves a living contract's state to --out: only that wakes it when it is frozen",
    run: saveState,
  },
  {
    ...ANYBODY,
    name: "wake",
    takes: ["state file", "amount"],
    does: "wakes a frozen contract; the amount pays its debt, the rest stays with it",
    run: wake,
  },
  { ...ANYBODY, name: "watch", does: "looks again and again, alarms, challenges, redeems; see below", run: watch },
  ...PUBLISHER_COMMANDS,
  ...GUARDIAN_COMMANDS,
  ...VAULT_COMMANDS,
];
