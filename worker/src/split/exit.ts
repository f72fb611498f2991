/** The node's side of one tunnel: what comes out of it goes to the layer server on this machine, and its answers back. */
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { carry } from "./carry.ts";
import { Joiner } from "./de-duplicate.ts";
import { ModelBytes } from "./model-bytes.ts";

export interface ExitOptions {
  /** Of the layer server on 127.0.0.1. */
  rpcPort: number;
  /** The model's, which the head has, too. */
  file: string;
  /** Called once, when the tunnel is closed; the fault that closed it, or null. */
  onEnd?: (fault: Error | null) => void;
}

export function serveExit(tunnel: Duplex, { rpcPort, file, onEnd = () => {} }: ExitOptions): void {
  const engine = connect({ host: "127.0.0.1", port: rpcPort, noDelay: true, allowHalfOpen: true });
  carry(tunnel, new Joiner(new ModelBytes(file)), engine, onEnd);
}
