import { escrowBody } from "../wrappers/Escrow.ts";
import { EscrowTerms } from "../wrappers/escrow-codes.ts";
import { vaultBody } from "../wrappers/Vault.ts";
import { VaultTerms } from "../wrappers/vault-codes.ts";
import { coins, fundsWorld } from "../tests/test-funds.ts";
import { gasRow } from "./gas-row.ts";
import type { GasRow } from "./gas-row.ts";

/** What each message of Escrow and Vault costs at the prices of June 2026. Deterministic: same code, same numbers. */
export async function measureFunds(): Promise<GasRow[]> {
  const { chain, parties, redeem, closeTogether, toEscrow, toVault } = await fundsWorld();
  const wallets = Object.values(parties).map(({ address }) => address);
  const rows: GasRow[] = [];
  const measure = async (contract: string, message: string, feeMax: number, sending: ReturnType<typeof toVault>) => {
    const { transactions, exitCode } = await sending;
    if (exitCode !== 0) throw new Error(`${contract} refused ${message} with ${exitCode}`);
    rows.push(gasRow({ contract, message, feeMax: coins(feeMax) }, transactions, wallets));
  };

  await measure("Vault", "Deposit", 0.0003, toVault("stranger", vaultBody.deposit({ userId: 1n }), coins(1)));
  await measure("Vault", "PayHot", 0.0008, toVault("hot", vaultBody.payHot({ amount: coins(1) })));
  await measure("Vault", "StopHot", 0.0005, toVault("guardian", vaultBody.stopHot()));
  const sweep = { kind: "sweep", amount: coins(10) } as const;
  await measure("Vault", "Propose", 0.0006, toVault("guardian", vaultBody.propose({ what: sweep })));
  await measure("Vault", "Cancel", 0.0005, toVault("treasury", vaultBody.cancel()));
  await toVault("guardian", vaultBody.propose({ what: sweep }));
  chain.advance(VaultTerms.PROPOSAL_DELAY);
  await measure("Vault", "Execute a sweep", 0.0008, toVault("stranger", vaultBody.execute()));

  await measure("Escrow", "TopUp", 0.0003, toEscrow("owner", escrowBody.topUp(), coins(1)));
  await measure("Escrow", "Redeem", 0.0009, toEscrow("hot", redeem(coins(1))));
  await measure("Escrow", "CloseTogether", 0.0011, toEscrow("owner", closeTogether(coins(2))));
  await toEscrow("owner", escrowBody.topUp(), coins(5));
  await measure("Escrow", "RequestClose", 0.0009, toEscrow("owner", escrowBody.requestClose()));
  chain.advance(EscrowTerms.CLOSE_DELAY);
  await measure("Escrow", "Withdraw", 0.0007, toEscrow("owner", escrowBody.withdraw()));
  return rows;
}
