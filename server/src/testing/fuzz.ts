/** Sends a stranger's bytes to a port over many sockets at once, and counts what came back. */
import net from "node:net";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import { drawsFrom } from "../scheduler/draws.ts";
import { ODD_TARGETS, rawInput, upgradeTo } from "./raw-bytes.ts";
import type { RawInput } from "./raw-bytes.ts";

/** More only wait for each other: sender and server have a core each. */
const LANES = 16;
/** A lane that has its upgrades accepted: an address has five sockets without a proof. */
const FRAME_LANES = 4;
/** Nothing more is coming: the server waits for the rest of something that is no request. */
const QUIET_MS = 30;
const STATUS = /HTTP\/1\.1 (\d{3}) /g;

export interface Tally {
  /** Requests, upgrades, frames and resets the port was given to swallow. */
  inputs: number;
  readonly kinds: Record<RawInput["kind"], number>;
  readonly statuses: Record<string, number>;
}

/** Begins with every odd target by its name, then draws from the seed until `inputs` are sent or `isOver` says so. */
export async function fuzzPort(
  port: number,
  { seed, inputs, isOver = () => false }: { seed: number; inputs: number; isOver?: () => boolean },
): Promise<Tally> {
  const tally: Tally = { inputs: 0, kinds: { upgrade: 0, requests: 0, reset: 0, noise: 0, frames: 0 }, statuses: {} };
  for (const target of ODD_TARGETS) {
    await send(port, { kind: "upgrade", bytes: upgradeTo(target), count: 1 }, tally);
    const plain = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await send(port, { kind: "requests", bytes: plain, count: 1 }, tally);
  }
  const lane = async (number: number) => {
    const draw = drawsFrom(seed + number);
    while (tally.inputs < inputs && !isOver()) {
      const input = rawInput(draw);
      const opensPool = input.kind === "frames" || input.bytes.includes(POOL_PATH);
      if (!opensPool || number < FRAME_LANES) await send(port, input, tally);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return tally;
}

/** Settles when the connection is over, whoever ended it. */
function send(port: number, { kind, bytes, count }: RawInput, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    const reset = () => socket.resetAndDestroy();
    let said = "";
    let quiet: NodeJS.Timeout | undefined;
    socket.on("data", (text: Buffer) => {
      said += text.toString("latin1");
      quiet?.refresh();
    });
    // A refused connection counts as over too: the caller checks whether the server lives.
    socket.on("error", () => {});
    socket.on("end", reset);
    socket.on("close", () => {
      clearTimeout(quiet);
      const statuses = [...said.matchAll(STATUS)].map((match) => match[1]!);
      for (const status of statuses) tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
      const swallowed = kind === "requests" ? statuses.length : count;
      tally.inputs += swallowed;
      tally.kinds[kind] += swallowed;
      resolve();
    });
    socket.once("connect", () => {
      socket.write(bytes, () => {
        if (kind === "reset") return reset();
        // Requests are answered however long it takes; of everything else a silence is the answer.
        if (kind !== "requests") quiet = setTimeout(reset, QUIET_MS);
      });
    });
  });
}
