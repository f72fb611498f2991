/** A TCP proxy on loopback that holds everything back for half of a round trip each way: a network in between. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface DelayProxy {
  port: number;
  close(): Promise<void>;
}

/** @param delay  read at each piece, so that it can be changed while connections live; `ms` is the round trip's */
export async function openDelayProxy(to: number, delay: { ms: number }): Promise<DelayProxy> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const target = connect({ host: "127.0.0.1", port: to, noDelay: true });
    hold(socket, target, delay);
    hold(target, socket, delay);
    for (const one of [socket, target]) {
      open.add(one);
      one.on("error", () => {});
      one.once("close", () => open.delete(one));
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const one of open) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Timers are a millisecond coarse: what is due within half of one goes at once. */
const DUE_MS = 0.5;

function hold(from: Socket, to: Socket, delay: { ms: number }): void {
  const held: { due: number; bytes: Buffer | null }[] = [];
  const release = () => {
    for (let first = held[0]; first && first.due <= performance.now() + DUE_MS; first = held[0]) {
      held.shift();
      if (first.bytes) to.write(first.bytes);
      else to.destroy();
    }
    if (held[0]) setTimeout(release, Math.max(0, held[0].due - performance.now()));
  };
  const take = (bytes: Buffer | null) => {
    if (held.push({ due: performance.now() + delay.ms / 2, bytes }) === 1) release();
  };
  from.on("data", take);
  from.once("close", () => take(null));
}
