import type { Address, Cell } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { internal } from "@ton/sandbox";
import { escrowBody } from "../../wrappers/Escrow.ts";
import { EscrowOp, EscrowTerms } from "../../wrappers/escrow-codes.ts";
import type { CloseConsent, Voucher } from "../../wrappers/voucher.ts";
import { buildFunds, coins, DAILY_CAP, ENOUGH, providerKeys, sessionKeys, thiefKeys } from "../test-funds.ts";
import { signConsentByCore, signVoucherByCore } from "../test-voucher.ts";
import { AllowanceLaw } from "./allowance-law.ts";
import { contractEvent } from "./contract-event.ts";
import type { ContractEvent } from "./contract-event.ts";
import { must } from "./part.ts";
import type { Dice, Part } from "./part.ts";

/** The second escrow's cap, small enough that sequences reach it; the first one has the world's. */
const SMALL_CAP = coins(3);

/** Keys that anybody signs with or sets. More than an escrow holds. */
const PAIRS = [sessionKeys, thiefKeys, ...[21, 22, 23, 24].map((seed) => keyPairFromSeed(Buffer.alloc(32, seed)))];
const secretOf = (publicKey: Buffer | undefined): Buffer =>
  (PAIRS.find((pair) => publicKey && pair.publicKey.equals(publicKey)) ?? thiefKeys).secretKey;

const ACTIONS = [
  "redeem",
  "wait",
  "close",
  "withdraw",
  "together",
  "setKey",
  "addKey",
  "raiseCap",
  "cancelClose",
  "topUp",
  "redeem",
  "wait",
] as const;

/** Two people's escrows: vouchers and consents, honest and forged, by several keys, in every order, with every close. */
export const escrowPart: Part = async (chain) => {
  const { vault, parties, escrow, escrowFor } = await buildFunds(chain);
  const { stranger, hot } = parties;
  const people = [parties.owner, stranger] as const;
  const escrows = [escrow, escrowFor("stranger")] as const;
  const caps = [DAILY_CAP, SMALL_CAP] as const;
  if ((await chain.getContract(escrows[1].address)).accountState?.type !== "active") {
    await escrows[1].sendTopUp(stranger.getSender(), { value: coins(10) });
    const body = escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: SMALL_CAP });
    await escrows[1].sendBody(stranger.getSender(), { value: ENOUGH, body });
  }
  const plays = escrows.map((_, person) => playEscrow(person));

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

  function playEscrow(person: number) {
    const escrow = escrows[person]!;
    const owner = people[person]!.address;
    const other = escrows[1 - person]!.address;
    const message = (from: Address, body: Cell, value: bigint) => internal({ from, to: escrow.address, value, body });
    const leave = () => chain.sendMessage(message(owner, escrowBody.withdraw(), ENOUGH));

    return () => {
      // What was signed, by signature; and the contract's state as this model derives it from transactions.
      const vouchers = new Map<string, Voucher & { key: Buffer }>();
      const consents = new Map<string, CloseConsent & { key: Buffer }>();
      const state = { settled: 0n, round: 0, ripeAt: 0, keys: [sessionKeys.publicKey], dailyCap: caps[person]! };
      const capLaw = new AllowanceLaw("the daily cap", EscrowTerms.CAP_PERIOD, state.dailyCap);

      const redeem = (dice: Dice): Cell => {
        const [keyIndex, forged, cumulative] = [dice.number(state.keys.length), dice.seldom(5), dice.amount(coins(15))];
        const key = forged ? dice.pick([thiefKeys.publicKey, ...state.keys]) : state.keys[keyIndex]!;
        const voucher = { ...signedTerms(dice), cumulative };
        const signature = signVoucherByCore(voucher, secretOf(key));
        vouchers.set(signature.toString("hex"), { ...voucher, key });
        return escrowBody.redeem({ keyIndex, cumulative, signature });
      };
      const closeTogether = (dice: Dice): Cell => {
        const keys = dice.seldom(5) ? sessionKeys : providerKeys;
        const consent = { cumulative: dice.amount(coins(8)), ...signedTerms(dice), validUntil: chain.time + 600 };
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
          const kind = dice.pick(ACTIONS);
          if (kind === "wait") {
            chain.advance(
              dice.pick([60, EscrowTerms.CLOSE_DELAY, EscrowTerms.CLOSE_DELAY, EscrowTerms.WITHDRAW_WINDOW]),
            );
            return null;
          }
          const sender = kind === "redeem" || dice.seldom(5) ? hot.address : owner;
          const value = dice.seldom(6) ? dice.amount(coins(0.003)) : ENOUGH;
          if (kind === "topUp") return message(sender, escrowBody.topUp(), dice.amount(coins(4)));
          return message(sender, bodyOf(kind, dice), value);
        },

        watch(transaction: Parameters<typeof contractEvent>[0]) {
          const event = contractEvent(transaction, escrow.address);
          if (!event) return;
          const paid = event.sent.filter(({ to, op }) => to.equals(vault.address) && op === EscrowOp.VoucherPaid);
          const toVault = paid.reduce((sum, { value }) => sum + value, 0n);
          if (event.op === EscrowOp.Redeem) checkRedeem(event, toVault);
          else if (event.op === EscrowOp.CloseTogether) checkTogether(event, toVault);
          else must(toVault === 0n, "nothing else pays the vault");
          const closes = event.op === EscrowOp.Withdraw || event.op === EscrowOp.CloseTogether;
          must(
            closes || event.lost <= toVault,
            `an escrow never pays gas: it lost ${event.lost} instead of ${toVault}`,
          );
          state.settled += toVault;
          follow(event);
        },

        /** The contract's state is the model's, and its owner can always withdraw everything above the reserve. */
        async settle() {
          const { settled, round, ripeAt, keys, dailyCap } = await escrow.getState();
          must(
            settled === state.settled && round === state.round && (ripeAt ?? 0) === state.ripeAt,
            "state follows events, and what was paid only grows",
          );
          must(keys.join() === state.keys.join() && dailyCap === state.dailyCap, "keys and cap are the owner's");
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

      function bodyOf(kind: Exclude<(typeof ACTIONS)[number], "wait" | "topUp">, dice: Dice): Cell {
        const sessionKey = dice.pick(PAIRS as [(typeof PAIRS)[0]]).publicKey;
        if (kind === "redeem") return redeem(dice);
        if (kind === "close") return escrowBody.requestClose();
        if (kind === "withdraw") return escrowBody.withdraw();
        if (kind === "together") return closeTogether(dice);
        if (kind === "setKey") return escrowBody.setKey({ sessionKey, dailyCap: dice.amount(coins(6)) });
        if (kind === "addKey") return escrowBody.addKey({ sessionKey });
        if (kind === "raiseCap")
          return escrowBody.raiseCap({ dailyCap: state.dailyCap + dice.amount(coins(2)) - coins(0.5) });
        return escrowBody.cancelClose();
      }

      function checkRedeem({ body, now }: ContractEvent, toVault: bigint): void {
        const [keyIndex, cumulative] = [body.skip(64).loadUint(2), body.loadCoins()];
        const voucher = vouchers.get(body.loadBuffer(64).toString("hex"))!;
        must(voucher?.cumulative === cumulative, "what is redeemed was signed");
        const inForce = state.keys[keyIndex]?.equals(voucher.key) === true;
        must(isForHere(voucher) && inForce, "by a key in force, for this escrow, network and round");
        must(toVault > 0n && state.settled + toVault <= cumulative, "and pays no more than that");
        capLaw.drawn(now, toVault);
      }

      function checkTogether({ body, sender, now }: ContractEvent, toVault: bigint): void {
        body.skip(64).loadCoins();
        const validUntil = body.loadUint(32);
        const consent = consents.get(body.loadBuffer(64).toString("hex"))!;
        must(sender.equals(owner), "only the owner closes");
        const byProvider = consent.key.equals(providerKeys.publicKey);
        must(isForHere(consent) && byProvider, "with the provider's consent to this round");
        const due = consent.cumulative - state.settled;
        must(now <= validUntil && toVault <= (due > 0n ? due : 0n), "in time, for that amount");
      }

      /** What the owner's messages change. */
      function follow({ op, body, sender, now }: ContractEvent): void {
        const ripe = state.ripeAt !== 0 && now >= state.ripeAt && now < state.ripeAt + EscrowTerms.WITHDRAW_WINDOW;
        if (op === EscrowOp.Redeem || op === EscrowOp.TopUp || op === null) return;
        must(sender.equals(owner), "only the owner decides");
        if (op === EscrowOp.RequestClose) state.ripeAt = now + EscrowTerms.CLOSE_DELAY;
        if (op === EscrowOp.CancelClose) {
          must(state.ripeAt !== 0, "a close that was requested is taken back");
          state.ripeAt = 0;
        }
        if (op === EscrowOp.AddKey) {
          const key = body.skip(64).loadBuffer(32);
          must(state.keys.length < 4 && !state.keys.some((known) => known.equals(key)), "up to four different keys");
          state.keys.push(key);
        }
        if (op === EscrowOp.SetKey) state.keys = [body.skip(64).loadBuffer(32)];
        if (op === EscrowOp.SetKey || op === EscrowOp.RaiseCap) {
          const dailyCap = op === EscrowOp.SetKey ? body.loadCoins() : body.skip(64).loadCoins();
          must(op === EscrowOp.SetKey || dailyCap > state.dailyCap, "the cap only rises, but for a ripe close");
          state.dailyCap = dailyCap;
          capLaw.limited(dailyCap);
        }
        if (op === EscrowOp.Withdraw || op === EscrowOp.SetKey)
          must(ripe, "the owner leaves or begins anew in a ripe close");
        if (op === EscrowOp.SetKey || op === EscrowOp.Withdraw || op === EscrowOp.CloseTogether)
          Object.assign(state, { round: state.round + 1, ripeAt: 0 });
      }

      function isForHere({ networkId, escrow: signedFor, round }: Voucher): boolean {
        return networkId === chain.networkId && signedFor === escrow.address.toRawString() && round === state.round;
      }
    };
  }
};
