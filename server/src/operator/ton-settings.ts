/** Which TON endpoint an operator's command may ask, by its environment. */
import type { TonClient } from "@ton/ton";
import { NETWORK_ID, clientOf } from "../chain/open-chain.ts";
import { Env, TONCENTER } from "../config.ts";

const Settings = Env.pick({ TON_ENDPOINT: true, TON_API_KEY: true, PORT: true });
const SecondSettings = Env.pick({ TON_SECOND_ENDPOINT: true, TON_SECOND_API_KEY: true });

/** Without TON_ENDPOINT it is toncenter's, and of a sandbox's network the sandbox that runs on this machine. */
export function tonClientOf(env: NodeJS.ProcessEnv): (networkId: number) => TonClient {
  return (networkId) => {
    const settings = Settings.safeParse(env);
    if (!settings.success) throw new Error("TON_ENDPOINT or PORT cannot be read: set them as for the server.");
    const { TON_ENDPOINT, TON_API_KEY: apiKey = null, PORT } = settings.data;
    const network = (["mainnet", "testnet"] as const).find((name) => NETWORK_ID[name] === networkId);
    const known = network === undefined ? `http://127.0.0.1:${PORT}/ton/api/v2/jsonRPC` : TONCENTER[network];
    return clientOf({ url: TON_ENDPOINT ?? known, apiKey });
  };
}

/** @throws a sentence where it is set and cannot be read */
export function secondTonClientOf(env: NodeJS.ProcessEnv): TonClient | null {
  const settings = SecondSettings.safeParse(env);
  if (!settings.success)
    throw new Error("TON_SECOND_ENDPOINT cannot be read: set it as for the server, or not at all.");
  const { TON_SECOND_ENDPOINT: url, TON_SECOND_API_KEY: apiKey = null } = settings.data;
  return url === undefined ? null : clientOf({ url, apiKey });
}
