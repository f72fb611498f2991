/** Deploys the sandbox's contracts from the operator's wallet. Idempotent: continues a run that was killed. */
import { deploy, planDeployment } from "@starai/contracts/deployment";
import type { StackTerms } from "@starai/contracts/deployment";
import { keepDeployment } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { localClient } from "./local-client.ts";
import type { OpenChain } from "./open-chain.ts";
import type { RoleWallets } from "./roles.ts";

const COIN = 10n ** 9n;
const DAY_S = 86_400;

/** Terms as on a real network; the reward pool is filled in advance, so that a first claim can be paid. */
function sandboxTerms({ publisher, guardian, treasury, operator }: RoleWallets): StackTerms {
  return {
    vault: {
      guardian: guardian.wallet.address,
      treasury: treasury.wallet.address,
      hot: operator.wallet.address,
      dailyLimit: 100n * COIN,
    },
    distributor: {
      publisher: publisher.wallet.address,
      guardian: guardian.wallet.address,
      epochCap: 1_000n * COIN,
      epochSeconds: DAY_S,
      delaySeconds: DAY_S,
      slashesPerDay: 5,
    },
    poolNano: 1_000n * COIN,
  };
}

export async function deployStack({ chain, clock, roles, routes }: OpenChain, folder: string): Promise<Deployment> {
  const plan = planDeployment(sandboxTerms(roles));
  await deploy({ client: localClient(routes), ...roles.operator, now: clock.now }, plan);
  const [vault, distributor] = plan.map(({ address }) => address);
  const deployment = { networkId: chain.networkId, vault: vault!, distributor: distributor! };
  keepDeployment(folder, deployment);
  return deployment;
}
