import type { Mutant } from "./mutant.ts";

const escrow = (fault: string, from: string, to: string, file = "escrow/Escrow.tolk"): Mutant => {
  const tests = ["escrow", "escrow-close", "escrow-keys", "odd-keys", "starved", "world.property"];
  return { fault, contract: "Escrow", file, from, to, tests };
};
const escrowStorage = (fault: string, from: string, to: string) => escrow(fault, from, to, "escrow/storage.tolk");

/** Faults in which keys an escrow takes, and in what it says of a voucher. */
const escrowKeys = (fault: string, from: string, to: string, file = "escrow/session-key.tolk"): Mutant => {
  return { fault, contract: "Escrow", file, from, to, tests: ["escrow-keys", "odd-keys"] };
};

const vault = (fault: string, from: string, to: string, file = "vault/Vault.tolk"): Mutant => {
  const tests = ["vault", "vault-keepers", "vault-pool", "starved", "world.property"];
  return { fault, contract: "Vault", file, from, to, tests };
};
const vaultPool = (fault: string, from: string, to: string): Mutant => {
  return { ...vault(fault, from, to), tests: ["vault-pool", "vault-keepers", "old-bounces"] };
};
const vaultKeepers = (fault: string, from: string, to: string): Mutant => {
  return { ...vault(fault, from, to), tests: ["vault-keepers", "vault", "vault-pool"] };
};

/** Faults of Escrow and Vault that somebody could have written. */
export const fundsMutants: Mutant[] = [
  escrow(
    "anybody's signature redeems",
    "assert (isSignatureValid(signed, message.signature as slice, key)) throw ERROR_BAD_SIGNATURE;",
    "",
  ),
  escrow(
    "a voucher pays its whole amount each time",
    "val paid = min(min(message.cumulative - escrow.settled,",
    "val paid = min(min(message.cumulative,",
  ),
  escrow("a voucher may take the storage reserve", "allowed), before - storageReserve());", "allowed), before);"),
  escrow("what was paid is forgotten", "escrow.settled += paid;\n    escrow.drawn", "escrow.drawn"),
  escrow(
    "the balance pays the sender's gas",
    "keepOnBalance(before - paid);",
    "keepOnBalance(before - paid - min(before - paid, 1000000));",
  ),
  escrow(
    "keys change whenever their owner likes",
    "escrow.assertRipe();\n        escrow.nextRound();",
    "escrow.nextRound();",
  ),
  escrow(
    "a new key does not end the round",
    "escrow.assertRipe();\n        escrow.nextRound();",
    "escrow.assertRipe();\n        escrow.ripeAt = 0;",
  ),
  escrow(
    "an expired consent is accepted",
    "assert (blockchain.now() <= message.validUntil) throw ERROR_SIGNATURE_EXPIRED;",
    "",
  ),
  escrow(
    "a consent to less than was paid lowers what was paid",
    "max(0, min(message.cumulative - escrow.settled, before - reserve))",
    "min(message.cumulative - escrow.settled, before - reserve)",
  ),
  escrow(
    "closing together is open to anybody",
    "assert (sender == terms.owner) throw ERROR_NOT_OWNER;\n    assert (blockchain.now() <=",
    "assert (blockchain.now() <=",
  ),
  escrow(
    "anybody decides in the owner's place",
    "assert (owner == escrow.terms.load().owner) throw ERROR_NOT_OWNER;",
    "",
  ),
  escrow(
    "closing again restarts nothing and is always allowed",
    "assert (escrow.ripeAt == 0 || expired) throw ERROR_ALREADY_CLOSING;",
    "",
  ),
  escrow(
    "the vault is not told of a close",
    "notice.send(SEND_MODE_PAY_FEES_SEPARATELY | SEND_MODE_BOUNCE_ON_ACTION_FAIL);",
    "",
  ),
  escrow(
    "taking a close back ends the round",
    "escrow.ripeAt = 0;\n    escrow.save();",
    "escrow.nextRound();\n    escrow.save();",
  ),
  escrow(
    "what was not requested is taken back",
    "assert (escrow.ripeAt != 0) throw ERROR_NOT_CLOSING;\n    escrow.ripeAt = 0;",
    "escrow.ripeAt = 0;",
  ),
  escrowStorage("vouchers stay valid after a close", "self.round += 1;", ""),
  escrowStorage("a close is ripe at once", "assert (blockchain.now() >= self.ripeAt) throw ERROR_TOO_EARLY;", ""),
  escrowStorage(
    "a ripe close never expires",
    "assert (blockchain.now() < self.ripeAt + WITHDRAW_WINDOW) throw ERROR_CLOSE_EXPIRED;",
    "",
  ),
  escrow(
    "no floor: a message may fail in the middle of its actions",
    "calculateGasFee(BASECHAIN, gas) + forwardFees(messages)",
    "0",
    "escrow/fees.tolk",
  ),

  escrowKeys(
    "the daily cap does not bind",
    "min(min(message.cumulative - escrow.settled, allowed), before - storageReserve())",
    "min(message.cumulative - escrow.settled, before - storageReserve())",
    "escrow/Escrow.tolk",
  ),
  escrowKeys("what was drawn does not count", "escrow.drawn += paid;", "", "escrow/Escrow.tolk"),
  escrowKeys(
    "the cap falls at once",
    "assert (message.dailyCap > escrow.dailyCap) throw ERROR_CAP_LOWER;",
    "",
    "escrow/Escrow.tolk",
  ),
  escrowKeys(
    "a raised cap gives back the past at its own pace",
    "throw ERROR_CAP_LOWER;\n    escrow.updateDrawn();",
    "throw ERROR_CAP_LOWER;",
    "escrow/Escrow.tolk",
  ),
  escrowKeys("what was drawn runs off at every message", "self.drawnAt = blockchain.now();", "", "escrow/storage.tolk"),
  escrowKeys(
    "a new key leaves the others in force",
    "createEmptyMap<uint2, uint256>().withKey(",
    "escrow.keys.withKey(",
    "escrow/Escrow.tolk",
  ),
  escrowKeys(
    "every voucher is judged by the first key",
    "mustGet(message.keyIndex, ERROR_NO_SUCH_KEY)",
    "mustGet(0, ERROR_NO_SUCH_KEY)",
    "escrow/Escrow.tolk",
  ),
  escrowKeys("there is a fifth key", "assert (index < KEYS_MAX) throw ERROR_KEYS_FULL;", ""),
  escrowKeys("one key is added twice", "assert (known.loadValue() != key) throw ERROR_KEY_IN_USE;", ""),
  escrowKeys("a weak key is taken", "assert (!isWeakKey(key)) throw ERROR_WEAK_KEY;", ""),
  escrowKeys("a key of order eight is taken", " | (y == ORDER_8_NEGATIVE)", ""),
  escrowKeys("a key of order four is taken", "top | (y == ORDER_4)", "top"),
  escrowKeys("a key that is not reduced is taken", "return top | ", "return "),
  escrowKeys(
    "the first key that is not reduced is refused, and the last one of them taken",
    ">= TOP_BYTE",
    "== TOP_BYTE",
  ),
  escrowKeys("a weak key with the other sign is taken", "key & ~SIGN_OF_X", "key"),
  escrowKeys(
    "check_voucher names the first key whoever signed",
    "return key.getKey();",
    "return 0;",
    "escrow/Escrow.tolk",
  ),
  escrowKeys(
    "check_voucher takes a signature with something behind it",
    "(signature.remainingBitsCount() != 512) | ",
    "(signature.remainingBitsCount() < 512) | ",
    "escrow/Escrow.tolk",
  ),

  vault("anybody acts as the hot wallet", "assert (sender == vault.roles.load().hot) throw ERROR_NOT_HOT;", ""),
  vault("the daily limit is not checked", "assert (message.amount <= vault.left()) throw ERROR_OVER_DAILY_LIMIT;", ""),
  vault("the allowance is not used up", "vault.drawn += message.amount;", ""),
  vault(
    "a bounced payout loses the allowance",
    "vault.drawn = max(0, vault.drawn - min(message.amount, afterBounce(in.valueCoins)));",
    "",
  ),
  vault(
    "a hot contract burns money and keeps its allowance",
    "vault.drawn = max(0, vault.drawn - min(message.amount, afterBounce(in.valueCoins)));",
    "vault.drawn = max(0, vault.drawn - message.amount);",
  ),
  vault(
    "a payout takes the storage reserve",
    "assert (amount + storageReserve() <= before)",
    "assert (amount <= before)",
  ),
  vault(
    "a proposal is executed at once",
    "assert (blockchain.now() >= proposal.executeAfter) throw ERROR_PROPOSAL_TOO_YOUNG;",
    "",
  ),
  vault(
    "a proposal never expires",
    "assert (blockchain.now() < proposal.executeAfter + PROPOSAL_WINDOW) throw ERROR_PROPOSAL_EXPIRED;",
    "",
  ),
  vault("a proposal is executed twice", "vault.proposal = null;\n\n    val before", "val before"),
  vault("a proposal replaces the pending one", "assert (vault.proposal == null) throw ERROR_PROPOSAL_PENDING;", ""),
  vault(
    "one key becomes both keepers",
    "assert (changed.guardian != changed.treasury) throw ERROR_ROLES_NOT_APART;",
    "",
  ),
  vault(
    "the allowance grows without end",
    "max(0, drawn - mulDivFloor(limit, elapsed, period))",
    "max(-limit * 9, drawn - mulDivFloor(limit, elapsed, period)) as coins",
    "shared/allowance.tolk",
  ),
  vault("a stop leaves older limits pending", "if (pending.what is SetLimits) {", "if (false) {"),
  vault("the allowance refills at every message", "self.drawnAt = blockchain.now();", "", "vault/storage.tolk"),
  vault(
    "anybody acts as a keeper",
    "assert (self.roles.load().isKeeper(sender)) throw ERROR_NOT_KEEPER;",
    "",
    "vault/storage.tolk",
  ),

  vaultPool(
    "the reward pool's limit is not checked",
    "assert (message.amount <= vault.poolLeft()) throw ERROR_OVER_POOL_LIMIT;",
    "",
  ),
  vaultPool("the reward pool's allowance is not used up", "vault.poolDrawn += message.amount;", ""),
  vaultPool(
    "the pool is paid out of the daily allowance",
    "vault.poolDrawn += message.amount;",
    "vault.drawn += message.amount;",
  ),
  vaultPool(
    "money that the pool refuses comes back to the wrong allowance",
    "vault.poolDrawn = max(0, vault.poolDrawn - min(message.amount, afterBounce(in.valueCoins)));",
    "vault.drawn = max(0, vault.drawn - min(message.amount, afterBounce(in.valueCoins)));",
  ),
  vaultPool(
    "a refused funding counts back more than came back",
    "vault.poolDrawn = max(0, vault.poolDrawn - min(message.amount, afterBounce(in.valueCoins)));",
    "vault.poolDrawn = max(0, vault.poolDrawn - message.amount);",
  ),
  vaultPool(
    "a vault without a pool pays nowhere",
    "assert (vault.distributor != null) throw ERROR_NO_DISTRIBUTOR;",
    "",
  ),
  vaultPool("a stop leaves the pool's limit", "vault.poolLimit = 0;", ""),
  vaultPool(
    "a stop forgets what has run off",
    "vault.updateDrawn();\n    vault.dailyLimit = 0;",
    "vault.dailyLimit = 0;",
  ),
  vaultPool(
    "new limits forget what was drawn",
    "vault.dailyLimit = what.daily;",
    "vault.dailyLimit = what.daily;\n            vault.drawn = 0;",
  ),
  vaultPool(
    "new limits give back the past at their own pace",
    "vault.updateDrawn();\n            vault.dailyLimit = what.daily;",
    "vault.dailyLimit = what.daily;",
  ),

  vaultKeepers(
    "a keeper approves what it proposed",
    "assert (sender == (proposal.byGuardian ? roles.treasury : roles.guardian)) throw",
    "assert (roles.isKeeper(sender)) throw",
  ),
  vaultKeepers(
    "anybody approves",
    "assert (sender == (proposal.byGuardian ? roles.treasury : roles.guardian)) throw ERROR_NOT_THE_OTHER_KEEPER;",
    "",
  ),
  vaultKeepers(
    "an approval takes whatever is pending",
    "assert (message.what.toCell().hash() == proposal.what.toCell().hash()) throw ERROR_ANOTHER_PROPOSAL;",
    "",
  ),
  vaultKeepers(
    "an approval wakes an expired proposal",
    "min(proposal.executeAfter, blockchain.now())",
    "blockchain.now()",
  ),
  vaultKeepers(
    "every proposal is the guardian's",
    "byGuardian: sender == vault.roles.load().guardian,",
    "byGuardian: true,",
  ),
  vaultKeepers(
    "a keeper becomes the hot wallet",
    "assert (changed.hot != changed.guardian && changed.hot != changed.treasury) throw ERROR_ROLES_NOT_APART;",
    "",
  ),
  vaultKeepers(
    "a stranger spends the proposal to rescue jettons",
    "assert (roles.isKeeper(sender)) throw ERROR_NOT_KEEPER;\n            vault.save();",
    "vault.save();",
  ),
  vaultKeepers("jettons go to whoever executes", "destination: roles.treasury,", "destination: sender,"),
  vaultKeepers(
    "the balance pays a jettons' transfer",
    "keepOnBalance(before);\n            payOut(what.wallet",
    "keepOnBalance(before - min(before, 50000000));\n            payOut(what.wallet",
  ),
];
