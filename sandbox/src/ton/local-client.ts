/** An unmodified `TonClient` without a port: what it asks goes straight to the chain's routes in this process. */
import { TonClient } from "@ton/ton";
import type { Hono } from "hono";

const RPC = "http://localhost/ton/api/v2/jsonRPC";

/** An error's message is the chain's own sentence, where over HTTP it would be a status code. */
export function localClient(routes: Hono): TonClient {
  return new TonClient({
    endpoint: RPC,
    // axios's documented door for another transport.
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
