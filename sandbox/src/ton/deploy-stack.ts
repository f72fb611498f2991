/** Deploys the sandbox's contracts from the operator's wallet. Idempotent: continues a run that was killed. */
import { addressesOf, deploy, planDeployment } from "@starai/contracts/deployment";
import type { StackTerms } from "@starai/contracts/deployment";
import { keepDeployment } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { localClient } from "./local-client.ts";
import type { OpenChain } from "./open-chain.ts";
import type { RoleWallets } from "./roles.ts";

const COIN = 10n ** 9n;
const DAY_S = 86_400;
/** The house's own in its hot wallet: what free answers give to machines (fund-free-answers.ts), and fees of the chain. */
const HOUSE_NANO = 11n * COIN;

/** Terms as on a real network; the reward pool is filled in advance, so that a first claim can be paid. */
function sandboxTerms({ publisher, guardian, treasury, operator }: RoleWallets): StackTerms {
  return {
    publisher: publisher.wallet.address,
    guardian: guardian.wallet.address,
    treasury: treasury.wallet.address,
    hot: operator.wallet.address,
    dailyLimit: 100n * COIN,
    poolLimit: 1_000n * COIN,
    distributor: { epochCap: 1_000n * COIN, epochSeconds: DAY_S, delaySeconds: DAY_S, slashesPerDay: 5 },
    poolNano: 1_000n * COIN,
  };
}

export async function deployStack(opened: OpenChain, folder: string): Promise<Deployment> {
  const { chain, clock, faucet, roles, routes } = opened;
  const plan = planDeployment(sandboxTerms(roles));
  const client = localClient(routes);
  const { address } = roles.operator.wallet;
  const needed = plan.reduce((sum, { value }) => sum + value, HOUSE_NANO);
  // On a chain kept for long the operator may have spent its money.
  if ((await client.getBalance(address)) < needed) await faucet.give(address, needed);
  await deploy({ client, ...roles.operator, now: clock.now }, plan);
  const deployment = { networkId: chain.networkId, ...addressesOf(plan) };
  keepDeployment(folder, deployment);
  return deployment;
}
