/** An unmodified `TonClient` without a port: its requests go straight to the chain's routes in this process. */
import { TonClient } from "@ton/ton";
import type { Hono } from "hono";

const RPC = "http://localhost/ton/api/v2/jsonRPC";

/** Returns the client. Its errors have the chain's own messages, where over HTTP they would have a status code. */
export function localClient(routes: Hono): TonClient {
  return new TonClient({
    endpoint: RPC,
    // axios's documented option for another transport.
    httpAdapter: async (config) => {
      const answer = await routes.request(RPC, {
        method: "POST",
        body: String(config.data),
        headers: { "content-type": "application/json" },
      });
      const data = (await answer.json()) as { error?: string };
      if (!answer.ok) throw new Error(data.error);
      return { data, status: answer.status, statusText: "", headers: {}, config };
    },
  });
}
