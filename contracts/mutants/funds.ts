import type { Mutant } from "./mutant.ts";

const escrow = (fault: string, from: string, to: string, file = "escrow/Escrow.tolk"): Mutant => {
  const tests = ["escrow", "starved", "world.property"];
  return { fault, contract: "Escrow", file, from, to, tests };
};
const vault = (fault: string, from: string, to: string, file = "vault/Vault.tolk"): Mutant => {
  const tests = ["vault", "starved", "world.property"];
  return { fault, contract: "Vault", file, from, to, tests };
};

/** Faults of Escrow and Vault that somebody could have written. */
export const fundsMutants: Mutant[] = [
  escrow(
    "anybody's signature redeems",
    "assert (isSignatureValid(voucher.toCell().hash(), message.signature as slice, escrow.sessionKey)) throw ERROR_BAD_SIGNATURE;",
    "",
  ),
  escrow("a key of zeros redeems", "assert (escrow.sessionKey != 0) throw ERROR_NOT_OPENED;", ""),
  escrow(
    "a voucher pays its whole amount each time",
    "val paid = min(message.cumulative - escrow.settled,",
    "val paid = min(message.cumulative,",
  ),
  escrow(
    "a voucher may take the storage reserve",
    "settled, before - storageReserve());\n    assert",
    "settled, before);\n    assert",
  ),
  escrow("what was paid is forgotten", "escrow.settled += paid;\n    escrow.save();", "escrow.save();"),
  escrow(
    "the balance pays the sender's gas",
    "keepOnBalance(before - paid);",
    "keepOnBalance(before - paid - min(before - paid, 1000000));",
  ),
  escrow(
    "the key changes whenever its owner likes",
    "escrow.assertRipe();\n        escrow.nextRound();",
    "escrow.nextRound();",
  ),
  escrow(
    "an expired consent is accepted",
    "assert (blockchain.now() <= message.validUntil) throw ERROR_SIGNATURE_EXPIRED;",
    "",
  ),
  escrow(
    "closing together is open to anybody",
    "assert (sender == terms.owner) throw ERROR_NOT_OWNER;\n    assert (blockchain.now() <=",
    "assert (blockchain.now() <=",
  ),
  escrow(
    "closing again restarts nothing and is always allowed",
    "assert (escrow.ripeAt == 0 || expired) throw ERROR_ALREADY_CLOSING;",
    "",
  ),
  escrow("vouchers stay valid after a close", "self.round += 1;", "", "escrow/storage.tolk"),
  escrow(
    "a close is ripe at once",
    "assert (blockchain.now() >= self.ripeAt) throw ERROR_TOO_EARLY;",
    "",
    "escrow/storage.tolk",
  ),
  escrow(
    "a ripe close never expires",
    "assert (blockchain.now() < self.ripeAt + WITHDRAW_WINDOW) throw ERROR_CLOSE_EXPIRED;",
    "",
    "escrow/storage.tolk",
  ),
  escrow(
    "no floor: a message may fail in the middle of its actions",
    "calculateGasFee(BASECHAIN, gas) + forwardFees(messages)",
    "0",
    "escrow/fees.tolk",
  ),
  vault("anybody acts as the hot wallet", "assert (sender == vault.roles.load().hot) throw ERROR_NOT_HOT;", ""),
  vault("the daily limit is not checked", "assert (message.amount <= vault.left) throw ERROR_OVER_DAILY_LIMIT;", ""),
  vault("the allowance is not used up", "vault.left -= message.amount;", ""),
  vault(
    "a bounced payout loses the allowance",
    "vault.left = min(vault.dailyLimit, vault.left + min(message.amount, afterBounce(in.valueCoins)));",
    "",
  ),
  vault(
    "a hot contract burns money and keeps its allowance",
    "min(message.amount, afterBounce(in.valueCoins))",
    "message.amount",
  ),
  vault(
    "a proposal is executed at once",
    "assert (blockchain.now() >= proposal.executeAfter) throw ERROR_PROPOSAL_TOO_YOUNG;",
    "",
  ),
  vault("a proposal is executed twice", "vault.proposal = null;\n\n    val before", "val before"),
  vault(
    "one key becomes both keepers",
    "assert (changed.guardian != changed.treasury) throw ERROR_KEEPERS_ARE_ONE;",
    "",
  ),
  vault(
    "the allowance grows without end",
    "self.left = min(self.dailyLimit, refilled);",
    "self.left = refilled;",
    "vault/storage.tolk",
  ),
  vault("a stop leaves an older proposal to raise the limit", "if (pending.what is SetDailyLimit) {", "if (false) {"),
  vault("the allowance refills at every read", "self.leftAt = blockchain.now();", "", "vault/storage.tolk"),
  vault(
    "anybody acts as a keeper",
    "assert (sender == roles.guardian || sender == roles.treasury) throw ERROR_NOT_KEEPER;",
    "",
    "vault/storage.tolk",
  ),
];
