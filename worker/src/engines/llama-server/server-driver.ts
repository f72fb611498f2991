/** llama.cpp's own server as a driver of LlamaEngine: many slots in one batch, and what the built-in engine cannot do. */
import type { LlamaDriver } from "../llama/llama-engine.ts";
import type { Build } from "./build.ts";
import type { RpcLayers } from "./rpc-devices.ts";
import { ServerChild } from "./server-child.ts";

/**
 * The name says which build, because output differs between them.
 * @param rpc  the layer servers of the group that it heads
 */
export function serverDriver({ folder, sha256 }: Build, rpc?: RpcLayers): LlamaDriver {
  return {
    name: `llama.cpp/llama-server ${sha256.slice(0, 12)}`,
    start: (events, log) => new ServerChild({ folder, rpc }, events, log),
  };
}
