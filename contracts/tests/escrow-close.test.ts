/** The ways out: the owner alone after a day, both sides at once, and back in again. */
import { describe, expect, test } from "vitest";
import { escrowBody, isServable, redeemBy } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowTerms } from "../wrappers/escrow-codes.ts";
import { feesOf } from "./test-chain.ts";
import { addressIn, coins, DAILY_CAP, fundsWorld, sessionKeys, thiefKeys } from "./test-funds.ts";

const DAY = 86_400;

describe("the owner leaves alone", () => {
  test("requests the close, which notifies the vault; waits a day; takes everything above the reserve", async () => {
    const { chain, escrow, vault, parties, toEscrow } = await fundsWorld();
    const requested = await toEscrow("owner", escrowBody.requestClose());
    expect(requested.exitCode).toBe(0);
    expect(requested.transactions.map(addressIn)).toContain(vault.address.toString());
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(EscrowError.TOO_EARLY);
    chain.advance(EscrowTerms.CLOSE_DELAY);
    const spendable = await escrow.getSpendable();
    const books = await chain.openBooks();
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
    expect(await escrow.getSpendable()).toBe(0n);
    expect(await books.change(parties.owner.address)).toBeGreaterThan(spendable - coins(0.01));
    books.close();
    expect(await escrow.getState()).toMatchObject({ round: 1, ripeAt: null });
  });

  test("cannot withdraw without a request, nor after a ripe close has expired", async () => {
    const { chain, toEscrow } = await fundsWorld();
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(EscrowError.NOT_CLOSING);
    await toEscrow("owner", escrowBody.requestClose());
    expect((await toEscrow("owner", escrowBody.requestClose())).exitCode).toBe(EscrowError.ALREADY_CLOSING);
    chain.advance(EscrowTerms.CLOSE_DELAY + EscrowTerms.WITHDRAW_WINDOW);
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(EscrowError.CLOSE_EXPIRED);
    expect((await toEscrow("owner", escrowBody.requestClose())).exitCode).toBe(0);
  });

  test("cannot take what the provider redeems in time: vouchers work until the withdrawal", async () => {
    const { chain, escrow, toEscrow, redeem } = await fundsWorld();
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
    expect((await toEscrow("stranger", redeem(coins(4)))).exitCode).toBe(0);
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(4));
  });

  test("owes nothing after a withdrawal: vouchers signed before it take nothing from new money", async () => {
    const { chain, escrow, parties, toEscrow, redeem } = await fundsWorld();
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
    await toEscrow("owner", escrowBody.withdraw());
    await escrow.sendTopUp(parties.owner.getSender(), { value: coins(10) });
    expect((await toEscrow("stranger", redeem(coins(4)))).exitCode).toBe(EscrowError.BAD_SIGNATURE);
  });

  test("changes the key only in a ripe close, so that no signed voucher is voided unnoticed", async () => {
    const { chain, toEscrow, redeem } = await fundsWorld();
    const rotate = escrowBody.setKey({ sessionKey: thiefKeys.publicKey, dailyCap: DAILY_CAP });
    expect((await toEscrow("owner", rotate)).exitCode).toBe(EscrowError.NOT_CLOSING);
    await toEscrow("owner", escrowBody.requestClose());
    expect((await toEscrow("owner", rotate)).exitCode).toBe(EscrowError.TOO_EARLY);
    chain.advance(EscrowTerms.CLOSE_DELAY);
    expect((await toEscrow("owner", rotate)).exitCode).toBe(0);
    expect((await toEscrow("stranger", redeem(coins(1), { round: 1 }))).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    expect((await toEscrow("stranger", redeem(coins(1), { round: 1 }, thiefKeys.secretKey))).exitCode).toBe(0);
  });
});

describe("a requested close is taken back", () => {
  test("at once: the round goes on, so that every voucher signed in it still pays, and the escrow is served again", async () => {
    const { chain, escrow, toEscrow, redeem } = await fundsWorld();
    await toEscrow("owner", escrowBody.requestClose());
    expect(isServable(await escrow.getState(), chain.time)).toBe(false);
    expect((await toEscrow("owner", escrowBody.cancelClose())).exitCode).toBe(0);
    expect(await escrow.getState()).toMatchObject({ round: 0, ripeAt: null });
    expect(isServable(await escrow.getState(), chain.time)).toBe(true);
    expect((await toEscrow("stranger", redeem(coins(2)))).exitCode).toBe(0);
  });

  test("also while it is ripe; the next one waits out its whole day", async () => {
    const { chain, toEscrow } = await fundsWorld();
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
    expect((await toEscrow("owner", escrowBody.cancelClose())).exitCode).toBe(0);
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(EscrowError.NOT_CLOSING);
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY - 1);
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(EscrowError.TOO_EARLY);
  });

  test("not where none was requested, nor by anybody but the owner", async () => {
    const { toEscrow } = await fundsWorld();
    expect((await toEscrow("owner", escrowBody.cancelClose())).exitCode).toBe(EscrowError.NOT_CLOSING);
    await toEscrow("owner", escrowBody.requestClose());
    expect((await toEscrow("stranger", escrowBody.cancelClose())).exitCode).toBe(EscrowError.NOT_OWNER);
  });
});

test("nothing is served in the last minutes of a ripe close, by a clock that is ahead: its owner still withdraws everything", async () => {
  const { chain, escrow, toEscrow } = await fundsWorld();
  await toEscrow("owner", escrowBody.requestClose());
  chain.advance(EscrowTerms.CLOSE_DELAY + EscrowTerms.WITHDRAW_WINDOW - 1);
  const clockAhead = chain.time + 500;
  expect(isServable(await escrow.getState(), clockAhead)).toBe(false);
  expect(redeemBy(await escrow.getState())).toBe(chain.time + 1 - EscrowTerms.WITHDRAW_WINDOW - 600);
  expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
  expect(await escrow.getSpendable()).toBe(0n);
});

describe("closing together", () => {
  test("pays the provider its amount and the owner the rest in one step", async () => {
    const { chain, escrow, vault, parties, toEscrow, closeTogether } = await fundsWorld();
    const spendable = await escrow.getSpendable();
    const books = await chain.openBooks();
    const { exitCode, transactions } = await toEscrow("owner", closeTogether(coins(2)));
    expect(exitCode).toBe(0);
    expect(await books.change(escrow.address)).toBe(-spendable);
    expect(await books.change(vault.address)).toBe(coins(2) - feesOf(transactions[2]!));
    expect(await books.change(parties.owner.address)).toBeGreaterThan(spendable - coins(2) - coins(0.01));
    books.close();
    expect(await escrow.getState()).toMatchObject({ settled: coins(2), round: 1 });
  });

  test("with a consent to less than was paid pays the provider nothing and leaves what was paid as it was", async () => {
    const { chain, escrow, vault, toEscrow, redeem, closeTogether } = await fundsWorld();
    await toEscrow("stranger", redeem(coins(2)));
    const books = await chain.openBooks();
    expect((await toEscrow("owner", closeTogether(coins(1)))).exitCode).toBe(0);
    expect(await books.change(vault.address)).toBe(0n);
    expect(await escrow.getState()).toMatchObject({ settled: coins(2), round: 1 });
    books.close();
  });

  test("pays what both signed although the daily cap would not: it is the owner's own message", async () => {
    const { chain, escrow, toEscrow, closeTogether } = await fundsWorld();
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
    await toEscrow("owner", escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: coins(1) }));
    expect((await toEscrow("owner", closeTogether(coins(8), { round: 1 }))).exitCode).toBe(0);
    expect(await escrow.getState()).toMatchObject({ settled: coins(8), capLeft: coins(1) });
  });

  test("needs a fresh consent: an old one is void after re-funding and after its date", async () => {
    const { chain, escrow, parties, toEscrow, closeTogether } = await fundsWorld();
    const consent = closeTogether(0n);
    await toEscrow("owner", consent);
    await escrow.sendTopUp(parties.owner.getSender(), { value: coins(10) });
    expect((await toEscrow("owner", consent)).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    const kept = closeTogether(0n, { round: 1 });
    chain.advance(DAY);
    expect((await toEscrow("owner", kept)).exitCode).toBe(EscrowError.SIGNATURE_EXPIRED);
  });

  test("cannot be consented to by anybody but the provider, nor for another amount, network or escrow", async () => {
    const { chain, escrow, vault, toEscrow, closeTogether } = await fundsWorld();
    const books = await chain.openBooks();
    const forged = [
      closeTogether(0n, {}, sessionKeys.secretKey),
      closeTogether(0n, { cumulative: coins(1) }),
      closeTogether(0n, { networkId: -3 }),
      closeTogether(0n, { escrow: vault.address.toRawString() }),
    ];
    for (const body of forged) expect((await toEscrow("owner", body)).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    expect(await books.change(escrow.address)).toBe(0n);
    books.close();
  });
});
