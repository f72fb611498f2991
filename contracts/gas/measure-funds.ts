import { escrowBody } from "../wrappers/Escrow.ts";
import { EscrowTerms } from "../wrappers/escrow-codes.ts";
import { vaultBody } from "../wrappers/Vault.ts";
import { VaultTerms } from "../wrappers/vault-codes.ts";
import { coins, DAILY_CAP, exitCodeAt, fundsWorld, sessionKeys } from "../tests/test-funds.ts";
import { gasRow } from "./gas-row.ts";
import type { GasRow } from "./gas-row.ts";

/** What each message of Escrow and Vault costs at the prices of June 2026. Deterministic: same code, same numbers. */
export async function measureFunds(): Promise<GasRow[]> {
  const world = await fundsWorld();
  const { chain, parties, pool, redeem, closeTogether, toEscrow, toVault } = world;
  const wallets = [...Object.values(parties), pool].map(({ address }) => address);
  const rows: GasRow[] = [];
  const measure = async (contract: string, message: string, feeMax: number, sending: ReturnType<typeof toVault>) => {
    const { transactions, exitCode } = await sending;
    if (exitCode !== 0) throw new Error(`${contract} refused ${message} with ${exitCode}`);
    rows.push(gasRow({ contract, message, feeMax: coins(feeMax) }, transactions, wallets));
  };

  await measure("Vault", "Deposit", 0.0003, toVault("stranger", vaultBody.deposit({ userId: 1n }), coins(1)));
  await measure("Vault", "PayHot", 0.0008, toVault("hot", vaultBody.payHot({ amount: coins(1) })));
  await measure("Vault", "PayPool", 0.0008, toVault("hot", vaultBody.payPool({ amount: coins(1) })));
  const limits = { kind: "setLimits", dailyLimit: coins(5), poolLimit: coins(20) } as const;
  const sweep = { kind: "sweep", amount: coins(10) } as const;
  await measure("Vault", "Propose", 0.0006, toVault("guardian", vaultBody.propose({ what: limits })));
  await measure("Vault", "StopHot", 0.0005, toVault("guardian", vaultBody.stopHot()));
  await toVault("guardian", vaultBody.propose({ what: limits }));
  await measure("Vault", "Approve", 0.0006, toVault("treasury", vaultBody.approve({ what: limits })));
  await measure("Vault", "Execute limits", 0.0007, toVault("stranger", vaultBody.execute()));
  await toVault("guardian", vaultBody.propose({ what: sweep }));
  await measure("Vault", "Cancel", 0.0005, toVault("treasury", vaultBody.cancel()));
  await toVault("guardian", vaultBody.propose({ what: sweep }));
  chain.advance(VaultTerms.PROPOSAL_DELAY);
  await measure("Vault", "Execute a sweep", 0.0008, toVault("stranger", vaultBody.execute()));
  const rescue = { kind: "sweepJetton", wallet: pool.address, amount: coins(1) } as const;
  await toVault("guardian", vaultBody.propose({ what: rescue }));
  await toVault("treasury", vaultBody.approve({ what: rescue }));
  // Without what the jetton's own contracts take.
  await measure("Vault", "Execute a jettons' sweep", 0.0009, toVault("guardian", vaultBody.execute()));

  await measure("Escrow", "TopUp", 0.0003, toEscrow("owner", escrowBody.topUp(), coins(1)));
  await measure("Escrow", "SetKey, deploying", 0.0022, opening(world));
  await measure("Escrow", "Redeem", 0.0009, toEscrow("hot", redeem(coins(1))));
  for (const byte of [61, 62]) await toEscrow("owner", escrowBody.addKey({ sessionKey: Buffer.alloc(32, byte) }));
  const fourth = escrowBody.addKey({ sessionKey: Buffer.alloc(32, 63) });
  await measure("Escrow", "AddKey, the fourth", 0.0008, toEscrow("owner", fourth));
  await measure("Escrow", "Redeem with four keys", 0.0009, toEscrow("hot", redeem(coins(2))));
  await measure("Escrow", "RaiseCap", 0.0005, toEscrow("owner", escrowBody.raiseCap({ dailyCap: 2n * DAILY_CAP })));
  await measure("Escrow", "CloseTogether", 0.0011, toEscrow("owner", closeTogether(coins(3))));
  await toEscrow("owner", escrowBody.topUp(), coins(5));
  await measure("Escrow", "RequestClose", 0.0009, toEscrow("owner", escrowBody.requestClose()));
  await measure("Escrow", "CancelClose", 0.0005, toEscrow("owner", escrowBody.cancelClose()));
  await toEscrow("owner", escrowBody.requestClose());
  chain.advance(EscrowTerms.CLOSE_DELAY);
  await measure("Escrow", "Withdraw", 0.0007, toEscrow("owner", escrowBody.withdraw()));
  return rows;
}

/** A stranger's escrow is deployed with its first money and opened by the same message. */
async function opening({ parties, escrowFor }: Awaited<ReturnType<typeof fundsWorld>>) {
  const { address, init } = escrowFor("stranger");
  const body = escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: DAILY_CAP });
  const { transactions } = await parties.stranger.send({ to: address, value: coins(1), body, ...(init && { init }) });
  return { transactions, exitCode: exitCodeAt(transactions, address) };
}
