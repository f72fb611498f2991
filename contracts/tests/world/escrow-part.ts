import type { Address, Cell } from "@ton/core";
import { internal } from "@ton/sandbox";
import { Escrow, escrowBody } from "../../wrappers/Escrow.ts";
import { EscrowOp, EscrowTerms } from "../../wrappers/escrow-codes.ts";
import type { CloseConsent, Voucher } from "../../wrappers/voucher.ts";
import { buildFunds, coins, DAILY_CAP, ENOUGH, providerKeys, sessionKeys, thiefKeys } from "../test-funds.ts";
import { signConsentByCore, signVoucherByCore } from "../test-voucher.ts";
import { contractEvent } from "./contract-event.ts";
import { must } from "./part.ts";
import type { Dice, Part } from "./part.ts";

/** Two people's escrows: vouchers and consents, honest and forged, in every order, with every close. */
export const escrowPart: Part = async (chain) => {
  const { vault, parties } = await buildFunds(chain);
  const { stranger, hot } = parties;
  const people = [parties.owner, stranger] as const;
  const escrows = people.map(({ address: owner }) => {
    const terms = { owner, vault: vault.address, providerKey: providerKeys.publicKey, networkId: chain.networkId };
    return chain.openContract(Escrow.of(terms));
  });
  for (const [person, escrow] of escrows.entries()) {
    const via = people[person]!.getSender();
    await escrow.sendTopUp(via, { value: coins(10) });
    const body = escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: DAILY_CAP });
    if ((await escrow.getState()).keys.length === 0) await escrow.sendBody(via, { value: ENOUGH, body });
  }
  const plays = escrows.map((escrow, person) => playEscrow(escrow, person));

  return () => {
    const games = plays.map((begin) => begin());
    return {
      act: (dice) => dice.pick([games[0]!, games[1]!]).act(dice),
      watch: (transaction) => games.forEach((game) => game.watch(transaction)),
      settle: async () => {
        for (const game of games) await game.settle();
      },
    };
  };

  function playEscrow(escrow: (typeof escrows)[number], person: number) {
    const owner = people[person]!.address;
    const other = escrows[1 - person]!.address;
    const message = (from: Address, body: Cell, value: bigint) => internal({ from, to: escrow.address, value, body });
    const leave = () => chain.sendMessage(message(owner, escrowBody.withdraw(), ENOUGH));

    return () => {
      // What was signed, by signature; and the contract's state as this model derives it from transactions.
      const vouchers = new Map<string, Voucher & { key: Buffer }>();
      const consents = new Map<string, CloseConsent & { key: Buffer }>();
      const state = { settled: 0n, round: 0, ripeAt: 0, key: sessionKeys.publicKey };

      const redeem = (dice: Dice): Cell => {
        const keys = dice.seldom(5) ? thiefKeys : sessionKeys;
        const cumulative = dice.amount(coins(15));
        const voucher = { ...signedTerms(dice), cumulative };
        const signature = signVoucherByCore(voucher, keys.secretKey);
        vouchers.set(signature.toString("hex"), { ...voucher, key: keys.publicKey });
        return escrowBody.redeem({ keyIndex: 0, cumulative, signature });
      };
      const closeTogether = (dice: Dice): Cell => {
        const keys = dice.seldom(5) ? sessionKeys : providerKeys;
        const consent = { ...signedTerms(dice), cumulative: dice.amount(coins(8)), validUntil: chain.time + 600 };
        const signature = signConsentByCore(consent, keys.secretKey);
        consents.set(signature.toString("hex"), { ...consent, key: keys.publicKey });
        return escrowBody.closeTogether({ ...consent, signature });
      };
      const signedTerms = (dice: Dice) => ({
        networkId: dice.seldom(9) ? -239 : chain.networkId,
        escrow: (dice.seldom(9) ? other : escrow.address).toRawString(),
        round: dice.seldom(6) ? dice.number(3) : state.round,
      });

      return {
        act(dice: Dice) {
          const kind = dice.pick(["redeem", "redeem", "topUp", "close", "withdraw", "together", "key", "wait", "wait"]);
          const sender = kind === "redeem" || dice.seldom(5) ? hot.address : owner;
          const value = dice.seldom(6) ? dice.amount(coins(0.003)) : ENOUGH;
          if (kind === "redeem") return message(sender, redeem(dice), value);
          if (kind === "topUp") return message(sender, escrowBody.topUp(), dice.amount(coins(4)));
          if (kind === "close") return message(sender, escrowBody.requestClose(), value);
          if (kind === "withdraw") return message(sender, escrowBody.withdraw(), value);
          if (kind === "together") return message(sender, closeTogether(dice), value);
          if (kind === "key") {
            const { publicKey } = dice.pick([sessionKeys, thiefKeys]);
            return message(sender, escrowBody.setKey({ sessionKey: publicKey, dailyCap: DAILY_CAP }), value);
          }
          chain.advance(dice.pick([60, EscrowTerms.CLOSE_DELAY, EscrowTerms.CLOSE_DELAY, EscrowTerms.WITHDRAW_WINDOW]));
          return null;
        },

        watch(transaction: Parameters<typeof contractEvent>[0]) {
          const event = contractEvent(transaction, escrow.address);
          if (!event) return;
          const { op, body, sender, now, sent, lost } = event;
          const paid = sent.filter(({ to, op }) => to.equals(vault.address) && op === EscrowOp.VoucherPaid);
          const toVault = paid.reduce((sum, { value }) => sum + value, 0n);
          const ripe = state.ripeAt !== 0 && now >= state.ripeAt && now < state.ripeAt + EscrowTerms.WITHDRAW_WINDOW;
          let mayLose = toVault;

          if (op === EscrowOp.Redeem) {
            const claimed = { cumulative: body.skip(66).loadCoins(), signature: body.loadBuffer(64).toString("hex") };
            const voucher = vouchers.get(claimed.signature);
            must(voucher?.cumulative === claimed.cumulative, "what is redeemed was signed");
            must(
              isForHere(voucher!) && voucher!.key.equals(state.key),
              "by the key in force, for this escrow, network and round",
            );
            must(state.settled + toVault <= claimed.cumulative, "and pays no more than that");
          } else if (op === EscrowOp.CloseTogether) {
            body.skip(64).loadCoins();
            const validUntil = body.loadUint(32);
            const consent = consents.get(body.loadBuffer(64).toString("hex"));
            must(sender.equals(owner), "only the owner closes");
            must(
              isForHere(consent!) && consent!.key.equals(providerKeys.publicKey),
              "with the provider's consent to this round",
            );
            must(
              now <= validUntil && toVault <= max(0n, consent!.cumulative - state.settled),
              "in time, for that amount",
            );
          } else must(toVault === 0n, "nothing else pays the vault");

          if (op === EscrowOp.Withdraw) must(ripe && sender.equals(owner), "the owner withdraws while a close is ripe");
          if (op === EscrowOp.SetKey)
            must(ripe && sender.equals(owner), "the owner changes the key while a close is ripe");
          if (op === EscrowOp.RequestClose) must(sender.equals(owner), "the owner requests the close");
          if (op === EscrowOp.Withdraw || op === EscrowOp.CloseTogether) mayLose = lost;
          must(lost <= mayLose, `an escrow never pays gas: it lost ${lost} instead of ${mayLose}`);

          state.settled += toVault;
          if (op === EscrowOp.RequestClose) state.ripeAt = now + EscrowTerms.CLOSE_DELAY;
          if (op === EscrowOp.SetKey) state.key = body.skip(64).loadBuffer(32);
          if (op === EscrowOp.SetKey || op === EscrowOp.Withdraw || op === EscrowOp.CloseTogether)
            Object.assign(state, { round: state.round + 1, ripeAt: 0 });
        },

        /** The contract's state is the model's, and its owner can always withdraw everything above the reserve. */
        async settle() {
          const { settled, round, ripeAt, keys } = await escrow.getState();
          must(
            settled === state.settled && round === state.round && (ripeAt ?? 0) === state.ripeAt,
            "state follows events",
          );
          must(keys[0]?.equals(state.key) === true, "the key is the owner's");
          await chain.sendMessage(message(owner, escrowBody.requestClose(), ENOUGH));
          chain.advance(Math.max(EscrowTerms.CLOSE_DELAY, (ripeAt ?? 0) - chain.time));
          await leave();
          if ((await escrow.getState()).round === round) {
            // The pending close had expired or was about to, so a new one is requested.
            chain.advance(EscrowTerms.WITHDRAW_WINDOW);
            await chain.sendMessage(message(owner, escrowBody.requestClose(), ENOUGH));
            chain.advance(EscrowTerms.CLOSE_DELAY);
            await leave();
          }
          must((await escrow.getState()).round === round + 1, "the owner can always leave");
          must((await escrow.getSpendable()) === 0n, "with everything above the reserve");
        },
      };

      function isForHere({ networkId, escrow: signedFor, round }: Voucher): boolean {
        return networkId === chain.networkId && signedFor === escrow.address.toRawString() && round === state.round;
      }
    };
  }
};

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
