/** toncenter's JSON-RPC route: one POST, one method per request, results and errors in its format. Ignores API keys. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Logger } from "pino";
import { z } from "zod";
import type { Chain } from "../chain.ts";
import { METHODS } from "./methods.ts";
import { RpcFault } from "./rpc-fault.ts";

/** An external message is at most 64 KB; a get method's arguments may have several cells. */
const BODY_BYTES_MAX = 512 * 1024;

const Request = z.object({
  id: z.union([z.string().max(100), z.number()]).default("1"),
  method: z.string().max(100),
  params: z.unknown().optional(),
});

export function rpcRoutes(chain: Chain, log?: Pick<Logger, "error">): Hono {
  return new Hono().post(
    "/jsonRPC",
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: (c) => c.json(failure("1", new RpcFault(422, "the request is too large")), 413),
    }),
    async (c) => {
      const request = Request.safeParse(await c.req.json().catch(() => null));
      const id = request.data?.id ?? "1";
      try {
        if (!request.success) throw new RpcFault(422, "the body must be JSON: {id, jsonrpc, method, params}");
        const method = METHODS.get(request.data.method);
        if (!method) throw new RpcFault(422, `Unknown method. This chain has: ${[...METHODS.keys()].join(", ")}`);
        const result = await method(chain, request.data.params ?? {});
        return c.json({ ok: true, result, jsonrpc: "2.0", id });
      } catch (error) {
        const fault = error instanceof RpcFault ? error : new RpcFault(500, "the embedded chain failed; see its log");
        if (fault !== error) log?.error({ err: error, method: request.data?.method }, "the embedded chain failed");
        return c.json(failure(id, fault), fault.code);
      }
    },
  );
}

function failure(id: string | number, { message, code }: RpcFault) {
  return { ok: false, error: message, code, jsonrpc: "2.0", id };
}
