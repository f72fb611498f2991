import { describe, expect, test } from "vitest";
import { escrowBody } from "../wrappers/Escrow.ts";
import { EscrowTerms } from "../wrappers/escrow-codes.ts";
import { vaultBody } from "../wrappers/Vault.ts";
import { VaultTerms } from "../wrappers/vault-codes.ts";
import { coins, fundsWorld } from "./test-funds.ts";

const YEAR = 31_536_000;

describe.each(["june-2026", "before-april-2026"] as const)("storage at the prices of %s", (prices) => {
  test.each([10, 40])("after %i idle years the owner still withdraws the balance less its rent", async (years) => {
    const { chain, escrow, toEscrow } = await fundsWorld({ prices });
    chain.advance(years * YEAR);
    expect((await toEscrow("owner", escrowBody.requestClose())).exitCode).toBe(0);
    chain.advance(EscrowTerms.CLOSE_DELAY);
    const spendable = await escrow.getSpendable();
    expect(spendable).toBeGreaterThan(coins(10) - BigInt(years) * coins(0.013));
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
    expect(await escrow.getSpendable()).toBe(0n);
  });

  test("an emptied escrow survives 10 years of debt, remembers what it paid and takes money again", async () => {
    const { chain, escrow, toEscrow, redeem } = await fundsWorld({ prices });
    await toEscrow("hot", redeem(coins(99)));
    const { settled } = await escrow.getState();
    chain.advance(10 * YEAR);
    await toEscrow("owner", escrowBody.topUp(), coins(5));
    expect((await escrow.getState()).settled).toBe(settled);
    expect(await escrow.getSpendable()).toBeGreaterThan(coins(4.8));
    expect((await toEscrow("hot", redeem(settled))).exitCode).not.toBe(0);
  });

  test("a vault pays after 40 years", async () => {
    const { chain, toVault } = await fundsWorld({ prices });
    chain.advance(40 * YEAR);
    expect((await toVault("hot", vaultBody.payHot({ amount: coins(5) }))).exitCode).toBe(0);
    await toVault("treasury", vaultBody.propose({ what: { kind: "sweep", amount: coins(50) } }));
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
  });

  test("the reserve covers one year's rent and at most a quarter more", async () => {
    const { chain, vault, escrow, toEscrow, toVault } = await fundsWorld({ prices });
    await toVault("treasury", vaultBody.propose({ what: { kind: "sweep", amount: coins(50) } }));
    const before = await chain.balanceOf(escrow.address);
    const reserve = before - (await escrow.getSpendable());
    const vaultBefore = await chain.balanceOf(vault.address);
    chain.advance(YEAR);
    await toVault("treasury", vaultBody.cancel());
    await toEscrow("stranger", escrowBody.withdraw()); // Refused, but the year's rent is charged.
    const rent = before - (await chain.balanceOf(escrow.address));
    expect(reserve).toBeGreaterThanOrEqual(rent);
    expect(reserve).toBeLessThan((rent * 5n) / 4n);
    expect(vaultBefore - (await chain.balanceOf(vault.address))).toBeLessThanOrEqual(reserve);
  });
});
