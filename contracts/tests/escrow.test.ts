import { beginCell, Cell, contractAddress } from "@ton/core";
import { describe, expect, test } from "vitest";
import { Escrow, escrowBody } from "../wrappers/Escrow.ts";
import { EscrowError } from "../wrappers/escrow-codes.ts";
import { feesOf } from "./test-chain.ts";
import {
  addressIn,
  coins,
  DAILY_CAP,
  ENOUGH,
  fundsWorld,
  providerKeys,
  sessionKeys,
  thiefKeys,
  transactionAt,
} from "./test-funds.ts";

describe("an escrow takes money from anybody", () => {
  const comment = beginCell().storeUint(0, 32).storeStringTail("for my chats").endCell();
  test.each([
    ["a typed top-up", escrowBody.topUp()],
    ["an empty body", Cell.EMPTY],
    ["a text comment", comment],
  ])("%s stays on its balance, less its own gas", async (_, body) => {
    const { chain, escrow, toEscrow } = await fundsWorld();
    const books = await chain.openBooks();
    const { exitCode } = await toEscrow("stranger", body, coins(3));
    expect(exitCode).toBe(0);
    const gas = feesOf(transactionAt(books.transactions, escrow.address));
    expect(await books.change(escrow.address)).toBe(coins(3) - gas);
    books.close();
  });

  test("an op it does not know sends the money back", async () => {
    const { chain, escrow, toEscrow } = await fundsWorld();
    const books = await chain.openBooks();
    const { exitCode } = await toEscrow("stranger", beginCell().storeUint(0x7362d09c, 32).endCell(), coins(3));
    expect(exitCode).toBe(EscrowError.UNKNOWN_OP);
    expect(await books.change(escrow.address)).toBe(0n);
    books.close();
  });
});

describe("a voucher", () => {
  test("pays the vault exactly what was signed, whoever sends it, and refunds what the sender attached", async () => {
    const { chain, escrow, vault, parties, toEscrow, redeem } = await fundsWorld();
    const books = await chain.openBooks();
    const { exitCode, transactions } = await toEscrow("stranger", redeem(coins(2)));
    expect(exitCode).toBe(0);
    // Wallet, escrow, then the vault with the money and the sender with the rest.
    expect(transactions.map(addressIn)).toEqual([
      parties.stranger.address.toString(),
      escrow.address.toString(),
      vault.address.toString(),
      parties.stranger.address.toString(),
    ]);
    const vaultsGas = feesOf(transactions[2]!);
    expect(await books.change(escrow.address)).toBe(-coins(2));
    expect(await books.change(vault.address)).toBe(coins(2) - vaultsGas);
    expect(await books.change(parties.stranger.address)).toBe(-(books.fees - vaultsGas));
    expect((await escrow.getState()).settled).toBe(coins(2));
    books.close();
  });

  test("is cumulative: the next one pays the difference, an older one or the same again pays nothing", async () => {
    const { chain, escrow, toEscrow, redeem } = await fundsWorld();
    await toEscrow("stranger", redeem(coins(2)));
    const books = await chain.openBooks();
    expect((await toEscrow("stranger", redeem(coins(3)))).exitCode).toBe(0);
    expect((await toEscrow("stranger", redeem(coins(3)))).exitCode).toBe(EscrowError.NOTHING_NEW);
    expect((await toEscrow("stranger", redeem(coins(2)))).exitCode).toBe(EscrowError.NOTHING_NEW);
    expect(await books.change(escrow.address)).toBe(-coins(1));
    books.close();
  });

  test("above the balance takes what is there, keeps the storage reserve, and takes the rest after a top-up", async () => {
    const { chain, escrow, toEscrow, redeem } = await fundsWorld();
    const spendable = await escrow.getSpendable();
    expect((await toEscrow("stranger", redeem(coins(25)))).exitCode).toBe(0);
    expect(await escrow.getSpendable()).toBe(0n);
    expect((await escrow.getState()).settled).toBe(spendable);
    expect((await toEscrow("stranger", redeem(coins(25)))).exitCode).toBe(EscrowError.NOTHING_TO_PAY);
    await escrow.sendTopUp((await chain.treasury("owner")).getSender(), { value: coins(20) });
    expect((await toEscrow("stranger", redeem(coins(25)))).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(25));
  });

  test("cannot be used on another network, for another escrow, in another round, for another amount, or be signed by another key", async () => {
    const world = await fundsWorld();
    const { chain, escrow, toEscrow, redeem } = world;
    const books = await chain.openBooks();
    const forged = [
      redeem(coins(2), { networkId: -239 }),
      redeem(coins(2), { escrow: world.vault.address.toRawString() }),
      redeem(coins(2), { round: 1 }),
      redeem(coins(2), { cumulative: coins(1) }),
      redeem(coins(2), {}, thiefKeys.secretKey),
      redeem(coins(2), {}, providerKeys.secretKey),
    ];
    for (const body of forged) expect((await toEscrow("stranger", body)).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    expect(await books.change(escrow.address)).toBe(0n);
    books.close();
  });

  test("is refused before the owner has opened the escrow", async () => {
    const { parties, escrowFor, redeem, send } = await fundsWorld();
    const unopened = escrowFor("stranger");
    await unopened.sendTopUp(parties.owner.getSender(), { value: coins(1) });
    const attempt = await send({ from: "hot", to: unopened.address, body: redeem(1n), value: ENOUGH });
    expect(attempt.exitCode).toBe(EscrowError.NO_SUCH_KEY);
  });
});

test("a stranger can top up and redeem vouchers, and nothing else", async () => {
  const { chain, escrow, toEscrow, closeTogether } = await fundsWorld();
  const books = await chain.openBooks();
  const bodies = [
    escrowBody.setKey({ sessionKey: thiefKeys.publicKey, dailyCap: DAILY_CAP }),
    escrowBody.addKey({ sessionKey: thiefKeys.publicKey }),
    escrowBody.raiseCap({ dailyCap: 2n * DAILY_CAP }),
    escrowBody.requestClose(),
    escrowBody.cancelClose(),
    escrowBody.withdraw(),
    closeTogether(0n),
  ];
  for (const body of bodies) expect((await toEscrow("stranger", body)).exitCode).toBe(EscrowError.NOT_OWNER);
  expect(await books.change(escrow.address)).toBe(0n);
  books.close();
});

test("a body that is too short or too long is refused: a body is read to its last bit", async () => {
  const { chain, escrow, toEscrow, redeem } = await fundsWorld();
  const books = await chain.openBooks();
  const added = escrowBody.addKey({ sessionKey: thiefKeys.publicKey });
  const bodies = [
    escrowBody.topUp(),
    escrowBody.withdraw(),
    redeem(coins(1)),
    added,
    escrowBody.raiseCap({ dailyCap: 1n }),
  ];
  for (const whole of [...bodies, escrowBody.cancelClose()]) {
    const short = beginCell()
      .storeBits(whole.bits.substring(0, whole.bits.length - 1))
      .endCell();
    const long = beginCell().storeSlice(whole.beginParse()).storeBit(true).endCell();
    for (const body of [short, long]) expect((await toEscrow("owner", body)).exitCode).toBe(9);
  }
  expect(await books.change(escrow.address)).toBe(0n);
  books.close();
});

describe("an escrow outside the basechain or without a provider's key", () => {
  const keys = { providerKey: providerKeys.publicKey, networkId: -3 };
  test("an owner or a vault outside the basechain is refused", async () => {
    const { escrow, vault } = await fundsWorld();
    const masterchain = Object.assign(Object.create(Object.getPrototypeOf(escrow.address)), escrow.address, {
      workChain: -1,
    });
    expect(() => Escrow.of({ ...keys, owner: masterchain, vault: vault.address })).toThrow("basechain");
    expect(() => Escrow.of({ ...keys, owner: escrow.address, vault: masterchain })).toThrow("basechain");
  });

  test("the same code in the masterchain cannot be opened: it would compute the basechain's fees", async () => {
    const { chain, escrow, parties, send } = await fundsWorld();
    const { code, data } = Escrow.of({ ...keys, owner: parties.owner.address, vault: escrow.address }).init!;
    const abroad = chain.openContract(new Escrow(contractAddress(-1, { code, data }), { code, data }));
    await abroad.sendTopUp(parties.owner.getSender(), { value: coins(2) });
    const body = escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: DAILY_CAP });
    const { exitCode } = await send({ from: "owner", to: abroad.address, body, value: coins(2) });
    expect(exitCode).toBe(EscrowError.WRONG_WORKCHAIN);
  });

  test("a provider's key of zeros is refused", async () => {
    const { escrow } = await fundsWorld();
    const terms = { ...keys, owner: escrow.address, vault: escrow.address, providerKey: Buffer.alloc(32) };
    expect(() => Escrow.of(terms)).toThrow("32 bytes");
  });
});
