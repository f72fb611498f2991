/**
 * The head of a group: llama-server computes the first layers and the output, and the nodes the rest, each of them over
 * a local port of its own. The engine that comes of it takes leases as any other does.
 *
 * It is not started again when it ends: the group is over then, and the pool forms another one.
 */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { plain } from "../earnings/words.ts";
import type { Engine, EngineFailure } from "../engines/engine.ts";
import { LlamaEngine } from "../engines/llama/llama-engine.ts";
import { serverDriver } from "../engines/llama-server/server-driver.ts";
import { readMeasure, writeMeasure } from "../measures.ts";
import { dialTunnel } from "./dial-tunnel.ts";
import { dialDirect } from "./dial-direct.ts";
import { openEntry } from "./entry.ts";
import { aborted, endOf } from "./part.ts";
import type { PartContext, PartEnd } from "./part.ts";

type HeadContext = PartContext<"head">;

/** Runs until the group is over; ends every process and connection of it. */
export async function runHead(context: HeadContext, onUp: (engine: Engine) => void): Promise<PartEnd> {
  const closing = new AbortController();
  const links = context.part.nodes.map((_, place) => new NodeLink(context, place, closing.signal));
  const entries: { port: number; close(): Promise<void> }[] = [];
  try {
    for (const link of links)
      entries.push(await openEntry({ open: () => link.open(), file: context.file, signal: closing.signal }));
    const endpoints = entries.map(({ port }) => `127.0.0.1:${port}`);
    return blame(links, await serve(context, endpoints, onUp));
  } catch (error) {
    return blame(links, endOf(error));
  } finally {
    closing.abort(new Error("the group is over"));
    await Promise.all(entries.map((entry) => entry.close()));
  }
}

/** @throws EngineFailure when the engine does not come up */
async function serve(context: HeadContext, endpoints: string[], onUp: (engine: Engine) => void): Promise<PartEnd> {
  const { signal, tell } = context;
  const ended = new AbortController();
  const engine = await engineOf(context, endpoints, (failure) => ended.abort(failure));
  try {
    tell({ kind: "preparing", done: 0, words: "loading the model over all machines" });
    const over = aborted(signal);
    const endedEarly = await Promise.race([engine.start(), over]);
    if (endedEarly) return endedEarly;
    onUp(engine);
    tell({ kind: "up", served: engine.served });
    return await Promise.race([aborted(ended.signal), over]);
  } finally {
    await engine.close();
  }
}

async function engineOf(
  { frame, part, model, file, build, threads, config, log }: HeadContext,
  endpoints: string[],
  onEnd: (failure: EngineFailure) => void,
): Promise<LlamaEngine> {
  const { contextTokens, slots, kvType, sha256 } = frame;
  const layers = [part.layers, ...part.nodes.map((node) => node.layers)];
  const driver = serverDriver(build, { endpoints, layers });
  const machines = part.nodes.map(({ worker, layers: count }) => `${count} ${worker.slice(0, 12)}`).join(" ");
  const measureKey = { sha256, engine: driver.name, device: `group ${part.layers} ${machines}`, threads: [threads] };
  const speeds = await readMeasure(config.home, measureKey);
  const load = { path: file, sha256, template: model.template, contextTokens, slots, kvType, threads, speeds };
  return new LlamaEngine({
    driver,
    model,
    load: { ...load, gpu: false, prefixFolder: null },
    threadChoices: [threads],
    logger: log,
    onEnd,
    onMeasured: async (measured) => {
      await writeMeasure(config.home, measureKey, measured).catch((error: unknown) =>
        log.warn({ err: error }, "the measured speeds could not be kept; the next group measures again"),
      );
    },
  });
}

/** The way to one node: directly where both are in one network, else over the pool's relay. */
class NodeLink {
  readonly place: number;
  /** Its end of a connection closed first, or none could be opened. */
  isLost = false;
  readonly #context: HeadContext;
  readonly #signal: AbortSignal;
  #direct: HeadContext["part"]["nodes"][number]["direct"];

  constructor(context: HeadContext, place: number, signal: AbortSignal) {
    this.place = place;
    this.#context = context;
    this.#signal = signal;
    this.#direct = context.part.nodes[place]?.direct ?? null;
  }

  get name(): string {
    return plain(this.#context.part.nodes[this.place]?.name ?? "");
  }

  async open(): Promise<Duplex> {
    try {
      const tunnel = (await this.#dialDirectly()) ?? (await this.#dialRelay());
      // When the engine ends, our end closes first. An error does not tell whose it was: it is passed on from either side.
      tunnel.once("end", () => (this.isLost ||= !tunnel.writableEnded));
      return tunnel;
    } catch (error) {
      this.isLost ||= !this.#signal.aborted;
      this.#context.log.warn({ err: error, node: this.name }, "a node of the group cannot be reached");
      throw error;
    }
  }

  /** Null where that is not possible; it is not tried again. */
  async #dialDirectly(): Promise<Duplex | null> {
    const direct = this.#direct;
    if (direct === null) return null;
    try {
      return await dialDirect({ direct, secret: this.#secret, signal: this.#signal });
    } catch (error) {
      this.#direct = null;
      this.#context.log.info({ err: error, node: this.name }, "no direct connection: the pool relays");
      return null;
    }
  }

  async #dialRelay(): Promise<Duplex> {
    const { config, identity, frame } = this.#context;
    return await dialTunnel({
      poolUrl: config.poolUrl,
      identity,
      group: frame.group,
      place: this.place,
      secret: this.#secret,
      connection: randomUUID(),
      side: "head",
      signal: this.#signal,
    });
  }

  get #secret(): string {
    return this.#context.part.nodes[this.place]?.secret ?? "";
  }
}

/** Names the nodes that were lost, where the connections tell. */
function blame(links: readonly NodeLink[], end: PartEnd): PartEnd {
  const lost = links.filter(({ isLost }) => isLost);
  if (lost.length === 0) return end;
  const names = lost.map(({ name }) => name).join(", ");
  return { reason: `the connection to ${names} was lost: ${end.reason}`, lost: lost.map(({ place }) => place) };
}
